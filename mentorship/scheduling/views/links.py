"""Answering from a mail, without signing in. A mail scanner's visit changes nothing."""

from typing import NamedTuple

from flask import current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, scope, tokens
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.scheduling import answers as mail_links
from mentorship.scheduling import meetings, queries, requests, rules
from mentorship.scheduling.answers import Claim
from mentorship.scheduling.forms.booking import AcceptForm
from mentorship.scheduling.models import MeetingState
from mentorship.scheduling.requests import Asked
from mentorship.scheduling.views import answers
from mentorship.tenancy import queries as people
from mentorship.tenancy.members import ChapterCard, Member

#: The address itself is the permission: it goes to nobody else.
_HEADERS = {"Referrer-Policy": "no-referrer"}


class Opened(NamedTuple):
    """What a link opens, behind the wall of its chapter."""

    claim: Claim
    member: Member
    asked: Asked
    chapter: ChapterCard


class Closed(Exception):
    """Why a link answers nothing; `status` is that of the page that says so."""

    def __init__(self, title: str, words: str, status: int, opened: Opened | None = None) -> None:
        super().__init__(title)
        self.title, self.words, self.status, self.opened = title, words, status, opened


@answers.get("/r/<token>")
def show(token: str) -> ResponseReturnValue:
    """One page with one button; or, once it was pressed, what has been agreed."""
    try:
        opened = _open(token)
    except Closed as closed:
        return _closed(closed)
    page = render_template(
        "scheduling/answer.html",
        form=AcceptForm(),
        token=token,
        asked=opened.asked,
        member=opened.member,
        of=opened.chapter,
        done=opened.asked.state is MeetingState.ACCEPTED,
    )
    return page, _HEADERS


@answers.post("/r/<token>")
def accept(token: str) -> ResponseReturnValue:
    try:
        opened = _open(token)
        # A second tap finds it accepted, and only says so again.
        if AcceptForm().validate_on_submit():
            meetings.accept(
                queries.my_meeting(opened.asked.id, member=opened.member),
                by=opened.member,
                now=clock.now(),
                seen=opened.claim.sequence,
            )
    except Closed as closed:
        return _closed(closed)
    except Refusal as refusal:
        return _closed(Closed("Not accepted", str(refusal), 409, opened))
    response = redirect(url_for(".show", token=token), 303)
    response.headers.update(_HEADERS)
    return response


def _open(token: str) -> Opened:
    """Enter the chapter that a token names, and find what it is about.

    :raises Closed: there is nothing (any more) to answer with it.
    """
    try:
        secret = current_app.config["SECRET_KEY"]
        claim = mail_links.read(token, secret=secret, now=clock.now())
    except tokens.BadToken:
        raise _not_ours() from None
    except mail_links.PastItsTime:
        raise Closed(
            "This link is past its time",
            "A request waits three days at most, and not beyond the meeting itself. Sign in to"
            " see what became of it.",
            410,
        ) from None
    db.session.rollback()  # whatever was looked up before has no chapter
    scope.enter(claim.chapter_id)
    try:
        member = mail_links.answerer(claim)
        asked = requests.one(claim.meeting_id, member=member)
    except NotYours:
        raise _not_ours() from None
    opened = Opened(claim, member, asked, people.card())
    if asked.state is MeetingState.ACCEPTED:
        return opened
    if asked.state is not MeetingState.REQUESTED:
        words = f"{rules.became_of(asked.state)} There is nothing left to answer."
        raise Closed("Nothing to answer", words, 410, opened)
    if asked.sequence != claim.sequence:
        raise Closed("The time was changed", rules.Moved.sentence, 409, opened)
    return opened


def _closed(closed: Closed) -> ResponseReturnValue:
    opened = closed.opened
    page = render_template(
        "scheduling/answer_closed.html",
        closed=closed,
        asked=opened.asked if opened else None,
        of=opened.chapter if opened else None,
    )
    return page, closed.status, _HEADERS


def _not_ours() -> Closed:
    return Closed(
        "This link does not open anything",
        "Part of it may be missing: some mail programs cut long addresses. Open the mail again"
        " and use its button, or sign in and answer from your inbox.",
        404,
    )
