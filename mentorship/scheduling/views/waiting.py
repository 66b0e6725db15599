"""Waiting for a place: the student's page, who waits for a mentor, and the yes from a mail."""

from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates, scope, tokens
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import conflicts
from mentorship.scheduling import queries as scheduling
from mentorship.scheduling import rules
from mentorship.scheduling.forms.waiting import WaitForm
from mentorship.scheduling.queries import Bookable
from mentorship.scheduling.views import answers, bp
from mentorship.scheduling.waiting import links, queries, waits
from mentorship.scheduling.waiting.models import Wait, WaitState
from mentorship.tenancy import mail_links
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.roles import Permission, insist
from mentorship.vocabulary.kinds import Kind
from mentorship.web.filters import surname_title
from mentorship.web.forms import Form
from mentorship.web.labels import open_to
from mentorship.web.limits import limited

#: Beside which field a refusal is shown; any other stands above the form.
_FIELD: dict[type[Refusal], str] = {rules.KindNotOffered: "kind", conflicts.Evaluates: "kind"}
#: The address itself is the permission: it goes to nobody else.
_HEADERS = {"Referrer-Policy": "no-referrer"}


@bp.route("/mentors/<uuid:mentor_id>/wait", methods=["GET", "POST"])
@requires(Permission.WAIT_JOIN)
@limited(*rates.TO_OTHERS)
def wait(mentor_id: UUID) -> ResponseReturnValue:
    mentor = _somebody_else(mentor_id)
    form = WaitForm()
    form.offer(mentor, kind=request.args.get("kind", ""))
    if form.validate_on_submit():
        try:
            waits.join(
                mentor=mentor.member,
                kind=Kind(form.kind.data),
                why=form.why.data or "",
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal, _FIELD.get(type(refusal), ""))
        else:
            called = surname_title(mentor.member.name)
            flash(f"You are on the list for a place with {called}.", "good")
            return redirect(url_for(".wait", mentor_id=mentor_id), 303)
    return _page(mentor, form)


@bp.post("/mentors/<uuid:mentor_id>/wait/leave")
@requires(Permission.WAIT_LEAVE)
def leave_wait(mentor_id: UUID) -> ResponseReturnValue:
    mentor, form = _somebody_else(mentor_id), Form()
    if not form.validate_on_submit():
        return _page(mentor, form)
    waits.leave(_my_wait(mentor_id), by=current_member, now=clock.now())
    flash("You are off the list. You can come back whenever you like.", "good")
    return redirect(url_for("chapter.profiles.mentor", mentor_id=mentor_id), 303)


@bp.post("/mentors/<uuid:mentor_id>/wait/take")
@requires(Permission.WAIT_TAKE)
def take_place(mentor_id: UUID) -> ResponseReturnValue:
    mentor, form = _somebody_else(mentor_id), Form()
    if form.validate_on_submit():
        try:
            waits.take(_my_wait(mentor_id), by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("The place is yours. Propose a first time.", "good")
            return redirect(url_for(".ask", mentor_id=mentor_id), 303)
    return _page(mentor, form)


@bp.get("/mentors/<uuid:mentor_id>/waiting")
@requires(Permission.WAIT_SEE)
def who_waits(mentor_id: UUID) -> ResponseReturnValue:
    """How many wait, for the mentor; who, for those who run the program."""
    mentor = scheduling.bookable(mentor_id, member=current_member)
    sees_names = current_member.may(Permission.PEOPLE_SEE)
    insist(Permission.WAIT_SEE, mentor, by=current_member)
    return render_template(
        "scheduling/who_waits.html",
        mentor=mentor,
        waiting=queries.who_waits(mentor_id),
        sees_names=sees_names,
        mine=mentor.member.id == current_member.id,
    )


@answers.route("/w/<token>", methods=["GET"])
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def show_place(token: str) -> ResponseReturnValue:
    """One page with one button. A mail scanner's visit changes nothing."""
    opened = _open(token)
    return _place(Form(), token, *opened) if opened else _closed()


@answers.post("/w/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def take_offered_place(token: str) -> ResponseReturnValue:
    opened = _open(token)
    if opened is None:
        return _closed()
    found, member, chapter = opened
    form = Form()
    if form.validate_on_submit():
        try:
            waits.take(found, by=member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
            return _place(form, token, found, member, chapter, status=409)
        response = redirect(url_for(".show_place", token=token), 303)
        response.headers.update(_HEADERS)
        return response
    return _place(form, token, found, member, chapter, status=422)


def _somebody_else(mentor_id: UUID) -> Bookable:
    mentor = scheduling.bookable(mentor_id, member=current_member)
    insist(Permission.WAIT_JOIN, mentor, by=current_member)
    return mentor


def _my_wait(mentor_id: UUID) -> Wait:
    found = queries.open_between(mentor_id, member=current_member)
    if found is None:
        raise NotYours
    return found


def _page(mentor: Bookable, form: Form) -> ResponseReturnValue:
    page = render_template(
        "scheduling/wait.html",
        form=form,
        mentor=mentor,
        wait=queries.mine(mentor.member.id, member=current_member),
        nothing=_nothing_to_wait_for(mentor),
    )
    return page, form.status


def _nothing_to_wait_for(mentor: Bookable) -> str:
    """Why nobody can wait for this mentor, in a sentence; nothing where one can."""
    if mentor.pairings:
        return waits.PairedAlready.sentence
    if mentor.paused:
        return rules.Paused.sentence
    if not mentor.offers:
        return "This mentor has not said yet what they offer."
    return waits.NotFull.sentence if mentor.taken < mentor.places else ""


def _open(token: str) -> tuple[Wait, Member, ChapterCard] | None:
    """Enter the chapter that a token names, and find the place it is about; None without one."""
    secret = current_app.config["SETTINGS"].secrets
    try:
        claim = links.read(token, secret=secret, now=clock.now())
    except tokens.BadToken:
        return None
    db.session.rollback()  # whatever was looked up before has no chapter
    scope.enter(claim.chapter_id)
    try:
        member = mail_links.still_here(claim.member_id)
        found = queries.my_wait(claim.wait_id, member=member)
    except NotYours:
        return None
    if found.state not in (WaitState.OFFERED, WaitState.TAKEN):
        return None
    return found, member, people.card()


def _place(
    form: Form, token: str, found: Wait, member: Member, chapter: ChapterCard, *, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "scheduling/place.html",
        form=form,
        token=token,
        wait=found,
        member=member,
        mentor=people.member(found.mentor_id),
        of=chapter,
        done=found.state == WaitState.TAKEN,
    )
    return page, status, _HEADERS


def _closed() -> ResponseReturnValue:
    return render_template("scheduling/place_closed.html"), 410, _HEADERS
