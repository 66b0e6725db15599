"""Answering from a mail, without signing in: once, in time, and by a press of a button.

A mail scanner's visit changes nothing. A link that was used, is past its time, was overtaken or
was never ours says the same as any other: nothing, of anybody.
"""

from typing import NamedTuple

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates, scope, tokens
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.scheduling import answers as claims
from mentorship.scheduling import meetings, queries, requests, reschedules
from mentorship.scheduling.answers import Claim
from mentorship.scheduling.forms.booking import AgreeForm
from mentorship.scheduling.models import Meeting, MeetingState, Proposed
from mentorship.scheduling.requests import Asked
from mentorship.scheduling.views import answers
from mentorship.tenancy import mail_links
from mentorship.tenancy import queries as people
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.web.forms import Form
from mentorship.web.labels import open_to
from mentorship.web.limits import limited


class Opened(NamedTuple):
    """What a link to a request opens, behind the wall of its chapter."""

    claim: Claim
    member: Member
    asked: Asked
    chapter: ChapterCard


class OpenedTimes(NamedTuple):
    """What a link to other times opens."""

    member: Member
    meeting: Meeting
    proposed: Proposed
    chapter: ChapterCard


class Closed(Exception):
    """There is nothing (anymore) to answer with a link."""


@answers.get("/r/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def show(token: str) -> ResponseReturnValue:
    """One page with one button."""
    try:
        return _request(token, _open(token))
    except Closed:
        return _closed()


@answers.post("/r/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def accept(token: str) -> ResponseReturnValue:
    """The yes. What was agreed is shown once, here: the link itself opens nothing from now on."""
    try:
        opened = _open(token)
        if not Form().validate_on_submit():
            return _request(token, opened)
        meetings.accept(
            queries.my_meeting(opened.asked.id, member=opened.member),
            by=opened.member,
            now=clock.now(),
            seen=opened.claim.sequence,
        )
    except Closed:
        return _closed()
    except Refusal as refusal:
        return _closed(refusal)
    return _request(token, opened, done=True)


@answers.get("/t/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def show_times(token: str) -> ResponseReturnValue:
    """One page with a button for each time that is proposed, and one to leave it where it is."""
    try:
        return _times(token, _open_times(token))
    except Closed:
        return _closed()


@answers.post("/t/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def answer_times(token: str) -> ResponseReturnValue:
    """The answer to other times. It is shown once, here, as with a request."""
    try:
        opened = _open_times(token)
        keeps = "keep" in request.form
        form = Form() if keeps else AgreeForm()
        if not form.validate_on_submit():
            return _times(token, opened, status=422)
        if keeps:
            reschedules.keep(opened.meeting, by=opened.member, now=clock.now())
        elif isinstance(form, AgreeForm) and form.at is not None:
            reschedules.agree(opened.meeting, starts_at=form.at, by=opened.member, now=clock.now())
        else:
            return _times(token, opened, status=422)
    except Closed:
        return _closed()
    except Refusal as refusal:
        return _closed(refusal)
    return _times(token, opened, done=True)


def _open(token: str) -> Opened:
    """Enter the chapter that a token names, and find the request that it may answer.

    :raises Closed: there is none (anymore).
    """
    try:
        claim = claims.read(token, secret=_secrets(), now=clock.now())
        member = _enter(claim)
        asked = requests.one(claim.meeting_id, member=member)
    except (tokens.BadToken, NotYours):
        raise Closed from None
    if asked.state is not MeetingState.REQUESTED or asked.sequence != claim.sequence:
        raise Closed
    return Opened(claim, member, asked, people.card())


def _open_times(token: str) -> OpenedTimes:
    """The same for other times that are proposed.

    :raises Closed: they wait no more.
    """
    try:
        claim = claims.read_times(token, secret=_secrets(), now=clock.now())
        member = _enter(claim)
        meeting, proposed = reschedules.waiting(claim.proposed_id, member=member)
    except (tokens.BadToken, NotYours):
        raise Closed from None
    return OpenedTimes(member, meeting, proposed, people.card())


def _enter(claim: Claim | claims.TimesClaim) -> Member:
    db.session.rollback()  # whatever was looked up before has no chapter
    scope.enter(claim.chapter_id)
    return mail_links.still_here(claim.member_id)


def _secrets() -> tuple[str, ...]:
    return current_app.config["SETTINGS"].secrets


def _request(token: str, opened: Opened, *, done: bool = False) -> ResponseReturnValue:
    page = render_template(
        "scheduling/answer.html",
        form=Form(),
        token=token,
        asked=opened.asked,
        member=opened.member,
        of=opened.chapter,
        done=done,
    )
    return page, mail_links.HEADERS


def _times(
    token: str, opened: OpenedTimes, *, done: bool = False, status: int = 200
) -> ResponseReturnValue:
    meeting, member = opened.meeting, opened.member
    mentor = member.id != meeting.mentor_id
    other = people.member(meeting.mentor_id if mentor else meeting.mentee_id)
    page = render_template(
        "scheduling/answer_times.html",
        token=token,
        meeting=meeting,
        proposed=opened.proposed,
        member=member,
        other=other,
        of=opened.chapter,
        done=done,
    )
    return page, status, mail_links.HEADERS


def _closed(refusal: Refusal | None = None) -> ResponseReturnValue:
    """What a link says that answers nothing: alike whyever, unless it did open and was refused."""
    page = render_template("scheduling/answer_closed.html", refusal=refusal)
    return page, 409 if refusal else 410, mail_links.HEADERS
