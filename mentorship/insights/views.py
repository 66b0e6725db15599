"""Pages of insights: the home of each hat, pairings, and the dashboard. They only read."""

from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from mentorship.audit.sights import Sight
from mentorship.foundation import clock, rates
from mentorship.insights import board, duties, pairs, portfolio, readiness, steps
from mentorship.insights import dashboard as program
from mentorship.insights import health as healths
from mentorship.insights.forms import PairingsForm
from mentorship.insights.timeline import timeline
from mentorship.insights.timeline.sources import Sort
from mentorship.relationships.health import Level
from mentorship.tenancy.access import current_chapter, current_member, requires
from mentorship.tenancy.looking import noted
from mentorship.tenancy.roles import Permission
from mentorship.web import fragments
from mentorship.web.limits import limited

bp = Blueprint("insights", __name__)


@bp.get("/")
@requires(Permission.CHAPTER_SEE)
def home() -> ResponseReturnValue:
    """How things stand for the reader; for those who only run the chapter, its dashboard."""
    if not (current_member.is_student or current_member.is_mentor):
        return dashboard()
    now = clock.now()
    mine = pairs.open_pairs(current_member, now=now)
    ready = readiness.of(current_member)
    four = None
    if current_member.is_student:
        four = portfolio.of(mine, stage=ready.stage, offers=ready.offered)
    facts = board.Facts(current_member, mine, ready, four, now)
    return render_template(
        "insights/home.html",
        board=board.choose(facts),
        facts=facts,
        mentees=[pair for pair in mine if pair.i_mentor],
        portfolio=four,
        ready=ready,
        items=duties.due_from(current_member, now=now),
        check_ins=duties.check_ins_due(mine),
        next_of=steps.next_of,
    )


@bp.get("/pairings")
@requires(Permission.PAIRING_SEE)
def pairings() -> ResponseReturnValue:
    mine = pairs.all_pairs(current_member, now=clock.now())
    return render_template(
        "insights/pairings.html",
        mentors=[pair for pair in mine if pair.open and not pair.i_mentor],
        mentees=[pair for pair in mine if pair.open and pair.i_mentor],
        ended=sorted(
            (pair for pair in mine if not pair.open), key=lambda pair: pair.ended_at, reverse=True
        ),
        next_of=steps.next_of,
    )


@bp.get("/pairings/<uuid:pairing_id>")
@requires(Permission.PAIRING_READ)
def pairing(pairing_id: UUID) -> ResponseReturnValue:
    """What grows between two people. For these two, and for nobody else."""
    now = clock.now()
    pair = pairs.my_pair(pairing_id, member=current_member, now=now)
    items = duties.of_pairing(pair.id, member=current_member, now=now)
    asked = request.args.get("show")
    only = Sort(asked) if asked in list(Sort) else None
    after = request.args.get("after", "")
    line = timeline.of(pair, items, member=current_member, now=now, only=only, after=after)
    more = fragments.wanted() and bool(after)
    return render_template(
        "insights/pairing_more.html" if more else "insights/pairing.html",
        pair=pair,
        items=items,
        line=line,
        only=only,
        sorts=list(Sort),
        next_step=steps.next_of(pair),
    )


@bp.get("/action-items")
@requires(Permission.PAIRING_SEE)
def owed() -> ResponseReturnValue:
    """What the reader and those paired with them owe each other, over all pairings."""
    found = duties.owed(current_member, now=clock.now())
    return render_template("insights/owed.html", owed=found)


@bp.get("/dashboard")
@requires(Permission.HEALTH_SEE)
def dashboard() -> ResponseReturnValue:
    now = clock.now()
    return render_template("insights/dashboard.html", health=program.of(current_member, now=now))


@bp.get("/dashboard/pairings")
@requires(Permission.HEALTH_SEE)
@noted(Sight.HEALTH)
def health() -> ResponseReturnValue:
    """Every pairing by its health."""
    form = PairingsForm(formdata=request.args)
    after = request.args.get("after", type=UUID)
    page = healths.page(current_member, form.wanted, after=after, now=clock.now())
    return render_template(
        "insights/health.html", form=form, page=page, after=after, levels=list(Level)
    )


@bp.get("/dashboard/pairings/export")
@requires(Permission.HEALTH_SEE)
@noted(Sight.HEALTH_FILE)
@limited(rates.DOWNLOADS)
def export_health() -> Response:
    """The pairings that fit, for a spreadsheet."""
    wanted = PairingsForm(formdata=request.args).wanted
    file = make_response(healths.export(current_member, wanted, now=clock.now()))
    file.headers["Content-Type"] = "text/csv; charset=utf-8"
    file.headers["Content-Disposition"] = (
        f'attachment; filename="{current_chapter.slug}-pairings.csv"'
    )
    return file
