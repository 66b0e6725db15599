"""Finding a mentor, and a mentor's page."""

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.profiles import finding, queries
from mentorship.profiles.details import experience_in_words
from mentorship.profiles.forms.find import BY_NAME, AskFor, FindForm
from mentorship.profiles.mentors import named, spoken
from mentorship.profiles.models import FACETS
from mentorship.profiles.queries import MyMenteeProfile
from mentorship.profiles.views import bp
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.roles import Permission
from mentorship.vocabulary.kinds import Kind
from mentorship.web import fragments
from mentorship.web.limits import limited


@bp.get("/find")
@requires(Permission.MENTOR_FIND)
@limited(rates.SEARCHES)
def find_mentor() -> ResponseReturnValue:
    form = FindForm(formdata=request.args)
    wanted, after, mine = form.wanted, request.args.get("after", type=UUID), _mine()
    in_common_first = bool(named(mine)) and form.sort.data != BY_NAME
    batch = finding.find(
        wanted,
        reader=current_member,
        mine=mine,
        now=clock.now(),
        in_common_first=in_common_first,
        after=after,
    )
    fragment = fragments.wanted()
    page = "profiles/find.html"
    if fragment:
        page = "profiles/find_more.html" if after else "profiles/find_results.html"
    answer = render_template(
        page,
        form=form,
        wanted=wanted,
        batch=batch,
        mine=mine,
        after=after,
        count=finding.count_in_words(batch, wanted, continued=after is not None),
        in_common_first=in_common_first,
        fragment=fragment,
    )
    return answer, {"Vary": "HX-Request"}


@bp.get("/mentors/<uuid:mentor_id>")
@requires(Permission.MENTOR_FIND)
def mentor(mentor_id: UUID) -> ResponseReturnValue:
    mentor = finding.mentor(mentor_id, reader=current_member, now=clock.now())
    mine, wanted_kind = _mine(), _kind()
    obstacles = {kind: mentor.in_the_way(kind) for kind in mentor.offers}
    free = [kind for kind in mentor.askable if not obstacles[kind]]
    return render_template(
        "profiles/mentor.html",
        mentor=mentor,
        mine=mine,
        wanted_kind=wanted_kind,
        reasons=mentor.reasons(mine),
        cautions=list(dict.fromkeys(filter(None, obstacles.values()))),
        ask=AskFor.offering(free, mentor.lengths, preferred=wanted_kind) if free else None,
        topics=spoken(mentor.topics),
        interests=spoken(mentor.interests),
        facets=[FACETS[facet] for facet in mentor.facets],
        experience=experience_in_words(mentor.details),
    )


def _mine() -> MyMenteeProfile:
    """What the reader says of themselves as a student; nothing when they are none."""
    if not current_member.is_student:
        return MyMenteeProfile()
    return queries.my_mentee_profile(current_member)


def _kind() -> Kind | None:
    """The kind that the reader came for, if it is one."""
    kind = request.args.get("kind", "")
    return Kind(kind) if kind in set(Kind) else None
