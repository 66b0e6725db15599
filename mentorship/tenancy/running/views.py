"""How a chapter is set up, who runs it and until when, and who helps for a while."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts.sign_in import fresh
from mentorship.audit.sights import Sight
from mentorship.foundation import clock, scope
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.tenancy import memberships, support, terms
from mentorship.tenancy import queries as people
from mentorship.tenancy.access import current_chapter, current_member, requires
from mentorship.tenancy.looking import noted
from mentorship.tenancy.memberships import GIVEN_BY
from mentorship.tenancy.roles import Permission, Role, insist
from mentorship.tenancy.running import forms, queries
from mentorship.web.labels import signed_in

bp = Blueprint("running", __name__)


@bp.get("/settings")
@requires(Permission.SETTINGS_SEE)
def settings() -> ResponseReturnValue:
    return render_template("running/settings.html")


@bp.get("/settings/people")
@requires(Permission.SETTINGS_SEE)
def offices() -> ResponseReturnValue:
    now = clock.now()
    return render_template(
        "running/offices.html",
        offices=queries.offices(now=now),
        left=queries.left_lately(now=now),
        ends=now + memberships.REGRET,
    )


@bp.get("/people/<uuid:member_id>")
@requires(Permission.PEOPLE_SEE)
@noted(Sight.PERSON, of="member_id")
def member(member_id: UUID) -> ResponseReturnValue:
    card, now = queries.card(member_id), clock.now()
    return render_template("running/member.html", card=card, back=card.may_come_back(now))


@bp.route("/people/<uuid:member_id>/role", methods=["GET", "POST"])
@requires(Permission.ROLE_GIVE)
@fresh
@noted(Sight.PERSON, of="member_id")
def give_role(member_id: UUID) -> ResponseReturnValue:
    card, form = queries.card(member_id), forms.RoleForm()
    if card.left_at is not None or card.is_support:
        raise NotYours
    form.offer(_may_give())
    if form.validate_on_submit():
        term = terms.of_days(form.begins_on.data, form.ends_on.data, zone=current_chapter.zone)
        try:
            memberships.appoint(
                people.member(member_id),
                Role(form.role.data),
                term=term,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal, _BESIDE.get(type(refusal), ""))
        else:
            flash(f"Saved. {card.name} is told by mail.", "good")
            return redirect(url_for(".member", member_id=member_id), 303)
    if not form.is_submitted():
        _fill(form, card)
    return render_template("running/give_role.html", form=form, card=card), form.status


@bp.post("/people/<uuid:member_id>/role/take-away")
@requires(Permission.ROLE_GIVE)
@fresh
def take_role(member_id: UUID) -> ResponseReturnValue:
    card, form = queries.card(member_id), forms.TakeAwayForm()
    if form.validate_on_submit():
        role = Role(form.role.data)
        try:
            memberships.dismiss(people.member(member_id), role, by=current_member, now=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(f"{card.name} is not {role.label.lower()} anymore.", "good")
            return redirect(url_for(".member", member_id=member_id), 303)
    back = card.may_come_back(clock.now())
    return render_template("running/member.html", card=card, back=back, form=form), form.status


@bp.route("/people/<uuid:member_id>/out", methods=["GET", "POST"])
@requires(Permission.MEMBER_TAKE_OUT)
@fresh
@noted(Sight.PERSON, of="member_id")
def take_out(member_id: UUID) -> ResponseReturnValue:
    card = queries.card(member_id)
    if card.left_at is not None:
        raise NotYours
    return _leave(card, url_for(".offices"), f"{card.name} is out of {current_chapter.name}.")


@bp.route("/leave", methods=["GET", "POST"])
@requires(Permission.MEMBER_LEAVE)
@fresh
def leave() -> ResponseReturnValue:
    card = queries.card(current_member.id)
    return _leave(card, url_for("tenancy.choose_chapter"), f"You have left {current_chapter.name}.")


@bp.post("/people/<uuid:member_id>/bring-back")
@requires(Permission.MEMBER_TAKE_OUT)
def bring_back(member_id: UUID) -> ResponseReturnValue:
    who = people.member(member_id)
    memberships.bring_back(who, by=current_member, now=clock.now())
    flash(f"{who.name} is back, with what was theirs.", "good")
    return redirect(url_for(".member", member_id=member_id), 303)


@bp.post("/people/<uuid:member_id>/invite")
@requires(Permission.MEMBER_TAKE_OUT)
def invite(member_id: UUID) -> ResponseReturnValue:
    who = people.member(member_id)
    memberships.invite(who, by=current_member, now=clock.now())
    flash(f"{who.name} is mailed how to sign in.", "good")
    return redirect(url_for(".member", member_id=member_id), 303)


@bp.route("/settings/hand-over", methods=["GET", "POST"])
@requires(Permission.ROLE_HAND_OVER)
@fresh
def hand_over() -> ResponseReturnValue:
    form, now = forms.HandOverForm(), clock.now()
    roles = [role for role in terms.RUN_IT if role in current_member.roles]
    form.offer(roles, queries.others(current_member.id))
    if form.validate_on_submit():
        zone = current_chapter.zone
        try:
            made = memberships.hand_over(
                Role(form.role.data),
                to=people.member(form.to_id),
                starts_at=terms.midnight(form.starts_on.data, zone),
                words=form.words.data,
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal, _BESIDE.get(type(refusal), ""))
        else:
            flash("Handed over. They are mailed what you wrote.", "good")
            if made.starts_at <= now:
                return redirect(url_for("chapter.insights.home"), 303)
            return redirect(url_for(".handed_over", handover_id=made.id), 303)
    return render_template("running/hand_over.html", form=form), form.status


@bp.get("/settings/hand-over/<uuid:handover_id>")
@requires(Permission.HANDOVER_READ)
def handed_over(handover_id: UUID) -> ResponseReturnValue:
    """What the successor should know; for the two of it."""
    one = queries.handover(handover_id)
    insist(Permission.HANDOVER_READ, one, by=current_member)
    return render_template("running/handed_over.html", one=one)


@bp.route("/settings/support", methods=["GET", "POST"])
@requires(Permission.SUPPORT_LET)
@fresh
def support_access() -> ResponseReturnValue:
    form, now = forms.LetInForm(), clock.now()
    if form.validate_on_submit():
        try:
            support.let_in(
                email=form.email.data,
                why=form.why.data,
                reach=support.Reach(form.reach.data),
                lasts=form.lasts,
                by=current_member,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal, _BESIDE.get(type(refusal), ""))
        else:
            flash("They are let in. Everybody who runs the chapter is told.", "good")
            return redirect(url_for(".support_access"), 303)
    return render_template(
        "running/support.html", form=form, visits=support.visits(now=now)
    ), form.status


@bp.route("/settings/support/<uuid:visit_id>", methods=["GET", "POST"])
@requires(Permission.SUPPORT_LET)
@fresh
def consent(visit_id: UUID) -> ResponseReturnValue:
    visit, form = support.visit(visit_id), forms.ConsentForm()
    if form.validate_on_submit():
        try:
            support.consent(
                visit_id,
                reach=support.Reach(form.reach.data),
                lasts=form.lasts,
                by=current_member,
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash("They are let in. Everybody who runs the chapter is told.", "good")
            return redirect(url_for(".support_access"), 303)
    if not form.is_submitted():
        form.reach.data = visit.reach.value
    return render_template("running/consent.html", form=form, visit=visit), form.status


@bp.post("/settings/support/<uuid:visit_id>/end")
@requires(Permission.SUPPORT_LET)
def end_support(visit_id: UUID) -> ResponseReturnValue:
    support.end(visit_id, by=current_member, now=clock.now())
    flash("Ended. Nothing here is open to them anymore.", "good")
    return redirect(url_for(".support_access"), 303)


#: Beside which field a refusal is shown.
_BESIDE: dict[type[Refusal], str] = {
    memberships.EndsBeforeItBegins: "ends_on",
    memberships.OverAlready: "ends_on",
    memberships.NoTermForThat: "ends_on",
    memberships.BeginsBefore: "starts_on",
    memberships.TooMuch: "words",
    support.NobodyOfTheNetwork: "email",
    support.BelongsAlready: "email",
    support.AskedAlready: "email",
    support.NoReason: "why",
    support.NotThatLong: "hours",
}


def _may_give() -> list[Role]:
    """The roles that whoever is signed in may give. The first advisor is anybody's to name."""
    return [
        role
        for role in Role
        if GIVEN_BY[role] & current_member.roles
        or (role is Role.ADVISOR and not people.has_advisor())
    ]


def _fill(form: forms.RoleForm, card: queries.Card) -> None:
    """Show the term that is there, when the page was asked about one role."""
    for held in card.roles:
        if held.role == request.args.get("role"):
            zone = current_chapter.zone
            first, last = held.term.first_day(zone), held.term.last_day(zone)
            form.show(held.role, begins_on=first, ends_on=last)


def _leave(card: queries.Card, to: str, said: str) -> ResponseReturnValue:
    form, now, who = forms.ConfirmForm(), clock.now(), people.member(card.id)
    if form.validate_on_submit():
        try:
            memberships.leave(who, by=current_member, now=now)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(said, "good")
            return redirect(to, 303)
    page = render_template(
        "running/leave.html",
        form=form,
        card=card,
        ends=memberships.foresee(who, now=now),
        oneself=card.id == current_member.id,
    )
    return page, form.status


network = Blueprint("network", __name__)


@network.route("/support", methods=["GET", "POST"])
@signed_in
@fresh
def ask() -> ResponseReturnValue:
    """Where a network admin asks a chapter to be let in. For everybody else it does not exist."""
    if not current_user.is_network_admin:
        raise NotYours
    form, user_id = forms.AskForm(), current_user.user_id
    if form.validate_on_submit():
        try:
            _enter(form.chapter.data)
            reach = support.Reach(form.reach.data)
            support.ask(user_id, why=form.why.data, reach=reach, now=clock.now())
        except Refusal as refusal:
            beside = "chapter" if isinstance(refusal, NoSuchChapter) else ""
            form.refuse(refusal, _BESIDE.get(type(refusal), beside).replace("email", "chapter"))
        else:
            flash("Asked. Whoever runs the chapter is mailed, and decides.", "good")
            return redirect(url_for(".ask"), 303)
    return render_template("running/ask.html", form=form), form.status


class NoSuchChapter(Refusal):
    sentence = "There is no chapter at that address."


def _enter(slug: str) -> None:
    chapter_id = people.chapter_id(slug.strip().lower())
    if chapter_id is None:
        raise NoSuchChapter
    db.session.rollback()  # whatever was looked up before has no chapter
    scope.enter(chapter_id)
