"""The fit check, on its page and from its mail. A mail scanner's visit changes nothing."""

from typing import NamedTuple
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mentorship.foundation import clock, rates, tokens
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.relationships import fit_checks, forms
from mentorship.relationships.models import UNDER_WAY, Fit, Pairing
from mentorship.relationships.queries import my_pairing
from mentorship.relationships.views import bp, links
from mentorship.relationships.views.found import called_here, mine, other_of, page, to
from mentorship.tenancy import mail_links
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_member, requires, speaks_for
from mentorship.tenancy.members import ChapterCard, Member
from mentorship.tenancy.roles import Permission
from mentorship.web.filters import called
from mentorship.web.labels import open_to
from mentorship.web.limits import limited


@bp.route("/pairings/<uuid:pairing_id>/fit", methods=["GET", "POST"])
@requires(Permission.FIT_ANSWER)
def fit(pairing_id: UUID) -> ResponseReturnValue:
    pairing = mine(pairing_id)
    other = other_of(pairing)
    if request.method == "GET" and pairing.state not in UNDER_WAY:
        return to(pairing)
    form = forms.FitForm()
    if request.method == "GET" and (before := fit_checks.mine(pairing.id, member=current_member)):
        form.process(data={"said": before.answer, "line": before.line})
    elif form.validate_on_submit():
        try:
            _answer(pairing, form, by=current_member)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"Thank you. {called_here(pairing, other)} does not see your answer.", "good")
            return to(pairing)
    return page("fit", form, pairing, other, i_mentor=other.id == pairing.mentee_id)


class Opened(NamedTuple):
    """What a link opens, behind the wall of its chapter."""

    member: Member
    pairing: Pairing
    other: Member
    chapter: ChapterCard
    answered: bool


class Closed(Exception):
    """Why a link answers nothing; `status` is that of the page that says so."""

    def __init__(self, title: str, words: str, status: int) -> None:
        super().__init__(title)
        self.title, self.words, self.status = title, words, status


@links.get("/f/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def show_fit(token: str) -> ResponseReturnValue:
    """One page with one question; or, once it was answered, a word of thanks."""
    try:
        opened = _open(token)
    except Closed as closed:
        return _closed(closed)
    return _asking(token, opened, forms.FitForm())


@links.post("/f/<token>")
@open_to("whoever has the link from the mail: signed for one person and one thing")
@limited(rates.MAIL_KEYS)
def answer_fit(token: str) -> ResponseReturnValue:
    try:
        opened = _open(token)
    except Closed as closed:
        return _closed(closed)
    form = forms.FitForm()
    if form.validate_on_submit():
        try:
            _answer(opened.pairing, form, by=opened.member, once=True)
        except fit_checks.AnsweredAlready:
            pass  # a second tap finds it answered, and is only thanked again
        except Refusal as refusal:
            form.refuse(refusal)
        if not form.errors:
            response = redirect(url_for(".show_fit", token=token), 303)
            response.headers.update(mail_links.HEADERS)
            return response
    return _asking(token, opened, form)


def _answer(pairing: Pairing, form: forms.FitForm, *, by: Member, once: bool = False) -> None:
    fit_checks.answer(
        pairing,
        Fit(form.said.data),
        line=form.line.data or "",
        another=form.another.data,
        once=once,
        by=by,
        now=clock.now(),
    )


def _asking(token: str, opened: Opened, form: forms.FitForm) -> ResponseReturnValue:
    i_mentor = opened.member.id == opened.pairing.mentor_id
    words = render_template(
        "relationships/fit_by_mail.html",
        form=form,
        token=token,
        pairing=opened.pairing,
        called=called(opened.other.name, mentor=not i_mentor),
        i_mentor=i_mentor,
        of=opened.chapter,
        done=opened.answered,
    )
    return words, form.status, mail_links.HEADERS


def _open(token: str) -> Opened:
    """Enter the chapter that a token names, and find what it is about.

    :raises Closed: there is nothing (anymore) to answer with it.
    """
    try:
        claim, member = speaks_for(token, purpose=fit_checks.BY_MAIL, now=clock.now())
        pairing = my_pairing(UUID(claim.facts["pairing"]), member=member)
    except (tokens.BadToken, NotYours):
        raise _not_ours() from None
    except mail_links.PastItsTime:
        raise Closed(
            "This link is past its time",
            "It worked for three weeks. On the page of your pairing you can still answer.",
            410,
        ) from None
    answered = fit_checks.mine(pairing.id, member=member) is not None
    if not answered and pairing.state not in UNDER_WAY:
        raise Closed("Nothing to answer", fit_checks.NotUnderWay.sentence, 410)
    other_id = pairing.mentee_id if member.id == pairing.mentor_id else pairing.mentor_id
    return Opened(member, pairing, people.member(other_id), people.card(), answered)


def _closed(closed: Closed) -> ResponseReturnValue:
    page = render_template("relationships/link_closed.html", closed=closed)
    return page, closed.status, mail_links.HEADERS


def _not_ours() -> Closed:
    return Closed(
        "This link does not open anything",
        "Part of it may be missing: some mail programs cut long addresses. Open the mail again"
        " and use its button, or sign in and answer on the page of your pairing.",
        404,
    )
