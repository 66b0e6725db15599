"""One tap from a mail, without signing in: how it goes between two, and "well done".

A mail scanner's visit changes nothing: a press of a button does. A link that was used, is past its
time, was never ours, or is followed by somebody else says the same as any other: nothing.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates, tokens
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import forms
from mentorship.relationships.contacts import links as answers
from mentorship.relationships.contacts import updates
from mentorship.relationships.contacts.links import Asked, Received
from mentorship.relationships.models import Pairing
from mentorship.relationships.views import links
from mentorship.tenancy import mail_links
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import speaks_for
from mentorship.tenancy.members import Member
from mentorship.web.filters import called
from mentorship.web.forms import Form
from mentorship.web.labels import open_to
from mentorship.web.limits import limited

#: Why a link opens nothing. Nobody is told which.
_NOTHING = (tokens.BadToken, mail_links.PastItsTime, NotYours, answers.Used)


@links.get("/k/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def show_check_in(token: str) -> ResponseReturnValue:
    """The answer that was chosen, with one button and room for a line."""
    try:
        member, asked = _open_check_in(token)
    except _NOTHING:
        return _closed()
    return _check_in(token, forms.LineForm(), member, asked)


@links.post("/k/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def answer_check_in(token: str) -> ResponseReturnValue:
    """The yes. It is shown once, here: the link itself opens nothing from now on."""
    try:
        member, asked = _open_check_in(token, for_update=True)
        form = forms.LineForm()
        if form.validate_on_submit():
            answers.answer(asked, line=form.line.data or "", by=member, now=clock.now())
            return _check_in(token, form, member, asked, done=True)
    except _NOTHING:
        return _closed()
    except Refusal as refusal:
        form.refuse(refusal)
    return _check_in(token, form, member, asked)


@links.get("/y/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def show_well_done(token: str) -> ResponseReturnValue:
    """What the student wrote, with one button."""
    try:
        member, received = _open_update(token)
    except _NOTHING:
        return _closed()
    return _well_done(token, member, received)


@links.post("/y/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def say_well_done(token: str) -> ResponseReturnValue:
    try:
        member, received = _open_update(token)
    except _NOTHING:
        return _closed()
    if not Form().validate_on_submit():
        return _well_done(token, member, received, status=422)
    if not updates.well_done(received.update, received.copy, by=member, now=clock.now()):
        return _closed()
    return _well_done(token, member, received, done=True)


def _open_check_in(token: str, *, for_update: bool = False) -> tuple[Member, Asked]:
    claim, member = speaks_for(token, purpose=answers.CHECK_IN, now=clock.now())
    return member, answers.asked(claim, member=member, for_update=for_update)


def _open_update(token: str) -> tuple[Member, Received]:
    claim, member = speaks_for(token, purpose=answers.WELL_DONE, now=clock.now())
    return member, answers.received(claim, member=member)


def _check_in(
    token: str, form: forms.LineForm, member: Member, asked: Asked, *, done: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "relationships/check_in_by_mail.html",
        form=form,
        token=token,
        asked=asked,
        pairing=asked.pairing,
        called=_other(asked.pairing, member),
        of=people.card(),
        done=done,
    )
    return page, 200 if done else form.status, mail_links.HEADERS


def _well_done(
    token: str, member: Member, received: Received, *, done: bool = False, status: int = 200
) -> ResponseReturnValue:
    page = render_template(
        "relationships/well_done.html",
        token=token,
        update=received.update,
        copy=received.copy,
        pairing=received.pairing,
        called=_other(received.pairing, member),
        of=people.card(),
        done=done,
    )
    return page, status, mail_links.HEADERS


def _other(pairing: Pairing, member: Member) -> str:
    i_mentor = pairing.mentor_id == member.id
    other = people.member(pairing.mentee_id if i_mentor else pairing.mentor_id)
    return called(other.name, mentor=not i_mentor)


def _closed() -> ResponseReturnValue:
    page = render_template("relationships/answered.html")
    return page, 410, mail_links.HEADERS
