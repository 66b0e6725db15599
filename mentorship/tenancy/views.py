"""Pages before a chapter is entered."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

bp = Blueprint("tenancy", __name__)


@bp.get("/")
def choose_chapter() -> ResponseReturnValue:
    """The front page; for somebody signed in, their chapters, and straight in if it is one."""
    if not current_user.is_authenticated:
        return render_template("tenancy/welcome.html")
    if len(current_user.chapters) == 1:
        [(slug, _)] = current_user.chapters
        return redirect(url_for("chapter.insights.home", chapter_slug=slug))
    return render_template("tenancy/choose_chapter.html", chapters=current_user.chapters)
