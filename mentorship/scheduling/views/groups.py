"""Group sessions: what there is, opening one, a seat in it, and its end."""

from collections.abc import Callable
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates
from mentorship.foundation.errors import Refusal
from mentorship.scheduling import holds
from mentorship.scheduling.feeds import clashes
from mentorship.scheduling.forms.groups import ChangeForm, SessionForm
from mentorship.scheduling.forms.standing import WordForm
from mentorship.scheduling.groups import queries, sessions
from mentorship.scheduling.groups.models import Audience, GroupSession, SeatState
from mentorship.scheduling.views import bp
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Permission, Role, insist
from mentorship.web.filters import when
from mentorship.web.limits import limited

#: Beside which field a refusal is shown; any other stands above the form.
_FIELD: dict[type[Refusal], str] = {
    sessions.NoMentor: "mentor",
    sessions.NoLength: "minutes",
    sessions.NoSuchNumber: "seats",
    sessions.NotAhead: "day",
    sessions.TooFarOff: "day",
    sessions.MentorsTime: "at",
    holds.AlreadyBusy: "at",
}


@bp.get("/sessions")
@requires(Permission.SESSION_SEE)
def group_sessions() -> ResponseReturnValue:
    found = queries.ahead(current_member, now=clock.now())
    return render_template("scheduling/sessions.html", sessions=found)


@bp.get("/sessions/mine")
@requires(Permission.SESSION_SEE)
def my_sessions() -> ResponseReturnValue:
    """The reader's own sessions ahead, as a part of other pages."""
    found = queries.mine_ahead(current_member, now=clock.now())
    return render_template("scheduling/sessions_mine.html", sessions=found)


@bp.route("/sessions/open", methods=["GET", "POST"])
@requires(Permission.SESSION_OPEN)
@limited(*rates.TO_OTHERS)
def open_group_session() -> ResponseReturnValue:
    form = SessionForm()
    form.offer(_mentors(), zone=clock.zone(current_member.zone))
    if form.validate_on_submit() and form.starts_at:
        try:
            made = sessions.open_session(
                mentor=_whose(form),
                title=form.title.data or "",
                about=form.about.data or "",
                starts_at=form.starts_at,
                minutes=form.minutes.data,
                seats=form.seat_count,
                place=form.place.data or "",
                audience=Audience(form.audience.data),
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            asked = made.mentor_id != current_member.id
            flash("The mentor is asked." if asked else "Open. Students can take seats.", "good")
            return redirect(url_for(".session", session_id=made.id), 303)
    today = clock.day(clock.now(), current_member.zone)
    page = render_template("scheduling/session_open.html", form=form, today=today)
    return page, form.status


@bp.get("/sessions/<uuid:session_id>")
@requires(Permission.SESSION_SEE)
def session(session_id: UUID) -> ResponseReturnValue:
    return _page(session_id, WordForm(formdata=None))


@bp.post("/sessions/<uuid:session_id>/join")
@requires(Permission.SESSION_JOIN)
def join_session(session_id: UUID) -> ResponseReturnValue:
    def join(found: GroupSession, _word: str) -> str:
        seat = sessions.join(found, by=current_member, now=clock.now())
        if seat.state == SeatState.WAITING:
            return "All seats are taken. You are in line, and told when one is yours."
        return f"Your seat: {when(found.starts_at, current_member.zone)}."

    return _do(session_id, join)


@bp.post("/sessions/<uuid:session_id>/leave")
@requires(Permission.SESSION_LEAVE)
def leave_session(session_id: UUID) -> ResponseReturnValue:
    seat = queries.my_seat(session_id, member=current_member)

    def leave(_found: GroupSession, _word: str) -> str:
        sessions.leave(seat, by=current_member, now=clock.now())
        return "Given back. Whoever is next in line has the seat."

    return _do(session_id, leave)


@bp.post("/sessions/<uuid:session_id>/agree")
@requires(Permission.SESSION_ANSWER)
def agree_to_session(session_id: UUID) -> ResponseReturnValue:
    def agree(found: GroupSession, _word: str) -> str:
        sessions.agree(found, by=current_member, now=clock.now())
        return "Open. Students can take seats."

    return _do(session_id, agree)


@bp.post("/sessions/<uuid:session_id>/decline")
@requires(Permission.SESSION_ANSWER)
def decline_session(session_id: UUID) -> ResponseReturnValue:
    def decline(found: GroupSession, word: str) -> str:
        sessions.decline(found, word=word, by=current_member, now=clock.now())
        return "Declined. Whoever asked is told."

    return _do(session_id, decline)


@bp.route("/sessions/<uuid:session_id>/change", methods=["GET", "POST"])
@requires(Permission.SESSION_CHANGE)
@limited(*rates.TO_OTHERS)
def change_session(session_id: UUID) -> ResponseReturnValue:
    """Another time or place. A coordinator changes the place of somebody else's."""
    found = queries.session(session_id, member=current_member)
    insist(Permission.SESSION_CHANGE, found, by=current_member)
    if request.method == "GET" and not current_member.may(Permission.SESSION_CHANGE, found):
        return redirect(url_for(".session", session_id=session_id), 303)
    form, now = ChangeForm(), clock.now()
    form.show(found.starts_at, found.place, zone=clock.zone(current_member.zone))
    if form.validate_on_submit() and form.starts_at:
        try:
            sessions.change(
                found,
                starts_at=form.starts_at,
                place=form.place.data or "",
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            flash("Changed. Everybody who comes or waits is told.", "good")
            return redirect(url_for(".session", session_id=session_id), 303)
    page = render_template(
        "scheduling/session_change.html",
        form=form,
        session=found,
        today=clock.day(now, current_member.zone),
    )
    return page, form.status


@bp.post("/sessions/<uuid:session_id>/keeping")
@requires(Permission.CLASH_KEEP)
def keep_session_in_clash(session_id: UUID) -> ResponseReturnValue:
    """The session stays, though a calendar of the mentor's now takes its time."""

    def keep(found: GroupSession, _word: str) -> str:
        clashes.keep(found, by=current_member, now=clock.now())
        return "The session stays as it is."

    return _do(session_id, keep)


@bp.post("/sessions/<uuid:session_id>/call-off")
@requires(Permission.SESSION_CALL_OFF)
def call_off_session(session_id: UUID) -> ResponseReturnValue:
    def call_off(found: GroupSession, word: str) -> str:
        sessions.call_off(found, word=word, by=current_member, now=clock.now())
        return "Called off. Everybody who comes or waits is told."

    return _do(session_id, call_off)


def _do(session_id: UUID, verb: Callable[[GroupSession, str], str]) -> ResponseReturnValue:
    """Do something with a session, and say what it came to; or show why not."""
    found = queries.session(session_id, member=current_member)
    form = WordForm()
    if form.validate_on_submit():
        try:
            said = verb(found, form.word.data or "")
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(said, "good")
            return redirect(url_for(".session", session_id=session_id), 303)
    return _page(session_id, form)


def _page(session_id: UUID, form: WordForm) -> ResponseReturnValue:
    shown = queries.one(session_id, member=current_member)
    i_mentor = shown.mentor_id == current_member.id
    page = render_template(
        "scheduling/session.html",
        session=shown,
        i_mentor=i_mentor,
        runs_it=i_mentor or Role.COORDINATOR in current_member.roles,
        coming=queries.coming(session_id) if i_mentor else [],
        form=form,
        now=clock.now(),
    )
    return page, form.status


def _mentors() -> list[tuple[UUID, str]]:
    """Whom a coordinator can ask. Other members open sessions of their own."""
    if Role.COORDINATOR not in current_member.roles:
        return []
    return queries.mentors()


def _whose(form: SessionForm) -> Member:
    if Role.COORDINATOR not in current_member.roles:
        return current_member
    return people.member(form.mentor_id)
