"""Pages before a chapter is entered."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.vocabulary.kinds import Kind
from mentorship.web.labels import open_to

bp = Blueprint("tenancy", __name__)


@bp.get("/")
@open_to("anybody: the front page; their chapters, if they are signed in")
def choose_chapter() -> ResponseReturnValue:
    """The front page; for somebody signed in, their chapters, and straight in if it is one."""
    if not current_user.is_authenticated:
        return render_template("tenancy/welcome.html", kinds=list(Kind))
    chapters = current_user.chapters
    if len(chapters) == 1:
        return redirect(url_for("chapter.insights.home", chapter_slug=chapters[0].slug))
    return render_template("tenancy/choose_chapter.html", chapters=chapters)
