"""The chapter's trail for its advisor, and everybody's own part of it."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mentorship.audit import seals
from mentorship.audit.sights import Sight
from mentorship.foundation import rates
from mentorship.insights.trail import files, queries
from mentorship.insights.trail.forms import TrailForm
from mentorship.tenancy.access import current_chapter, current_member, requires
from mentorship.tenancy.looking import noted
from mentorship.tenancy.roles import Permission
from mentorship.web.limits import limited

bp = Blueprint("trail", __name__)


@bp.get("/settings/trail")
@requires(Permission.TRAIL_SEE)
@noted(Sight.TRAIL)
def chapter_trail() -> ResponseReturnValue:
    form, after = TrailForm(formdata=request.args), request.args.get("after", type=UUID)
    page = queries.of_chapter(form.wanted, reader=current_member, after=after)
    seal = seals.latest(seals.of_chapter())
    shown = {"form": form, "page": page, "after": after, "seal": seal}
    return render_template("insights/trail/chapter.html", **shown)


@bp.get("/settings/trail/export")
@requires(Permission.TRAIL_SEE)
@noted(Sight.TRAIL_FILE)
@limited(rates.DOWNLOADS)
def export_trail() -> Response:
    """The lines that fit, for a spreadsheet."""
    entries = queries.file_of_chapter(
        TrailForm(formdata=request.args).wanted, reader=current_member
    )
    file = make_response(files.write(entries))
    file.headers["Content-Type"] = "text/csv; charset=utf-8"
    file.headers["Content-Disposition"] = f'attachment; filename="{current_chapter.slug}-trail.csv"'
    return file


@bp.get("/activity")
@requires(Permission.CHAPTER_SEE)
def activity() -> ResponseReturnValue:
    """What others did to what is the reader's, and who looked at it."""
    after = request.args.get("after", type=UUID)
    page = queries.about(current_member, after=after)
    return render_template("insights/trail/mine.html", page=page, after=after)
