"""Out to the university and back: signing in, connecting an account, proving it once more.

The way out is a page that leads on by itself, not a redirect: a form's answer may not redirect to
another site (the policy's form-action), and so it is the same page for links and for forms.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from secrets import token_urlsafe
from uuid import UUID

from flask import current_app, flash, g, redirect, render_template, request, session
from flask import url_for as address_of
from flask.typing import ResponseReturnValue
from flask_login import current_user

from mentorship.accounts import elsewhere, place, sign_in
from mentorship.accounts.elsewhere import Offer
from mentorship.accounts.place import WayIn
from mentorship.accounts.sessions import Way
from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation import clock, rates, scope, sealing, tokens
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import NotYours, Refusal
from mentorship.foundation.settings import Settings
from mentorship.tenancy import queries as chapters
from mentorship.tenancy.members import Member
from mentorship.tenancy.university import arrivals, claims, intents, providers, queries, relying
from mentorship.tenancy.university.arrivals import LetIn, Stopped
from mentorship.tenancy.university.claims import Person
from mentorship.tenancy.university.intents import Intent
from mentorship.tenancy.university.metadata import Wrong
from mentorship.tenancy.university.models import Provider
from mentorship.tenancy.university.relying import Client, Proof, Reason, Refused
from mentorship.tenancy.university.views import doors
from mentorship.web.forms import Form
from mentorship.web.labels import open_to
from mentorship.web.limits import limited

#: The longest address that somebody is led on to, in characters.
LONGEST_WAY_ON = 1000
#: An ID token longer than this is not kept for the sign-out, which does without it.
LONGEST_HINT = 4_000
_HINTS = "university sign-out"
NO_REFERRER = {"Referrer-Policy": "no-referrer"}
#: The arrival that this browser waits with for a link by mail.
_WAITING = "university_arrival"
#: What a coordinator's test has brought, for the page that they come back to.
TRIED = "university_tried"


@doors.url_value_preprocessor
def take_slug(_: str | None, values: dict | None) -> None:
    g.chapter_slug = values.pop("chapter_slug") if values else ""


@doors.url_defaults
def keep_slug(_: str, values: dict) -> None:
    values.setdefault("chapter_slug", g.get("chapter_slug"))


@doors.before_request
def enter() -> ResponseReturnValue | None:
    """Enter the chapter; where there is none, nobody can sign in, as where there is no provider."""
    db.session.rollback()  # whatever was looked up before has no chapter
    chapter_id = chapters.chapter_id(g.chapter_slug)
    if chapter_id is None:
        return redirect(address_of("accounts.sign_in"))
    scope.enter(chapter_id)
    return None


@doors.get("/begin")
@open_to("anybody: it leads to the university, which lets nobody in here by itself")
@limited(rates.UNIVERSITY)
def begin() -> ResponseReturnValue:
    """Go to the university, to sign in, or for what a form of ours has said."""
    said = {"intent": str(Intent.SIGN_IN), "next": _ours(request.args.get("next", ""))}
    if word := request.args.get("meant"):
        if not current_user.is_authenticated:
            raise NotYours
        try:
            intent = intents.read(
                word, user_id=current_user.user_id, secrets=_settings().secrets, now=clock.now()
            )
        except tokens.BadToken:
            raise NotYours from None
        way_on = _ours(request.args.get("next", ""), place_too=intent is Intent.AGAIN)
        said |= {"intent": str(intent), "next": way_on, "user": str(current_user.user_id)}
    provider = providers.here() if said["intent"] == Intent.TRY else providers.live()
    # Another site may lead here, but whether to sign in is asked on a page of ours.
    led_here = request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")
    if provider is None or led_here:
        return redirect(address_of("accounts.sign_in", next=said["next"] or None))
    client, name = _client(provider), provider.name
    db.session.rollback()  # nothing is held while the other side takes its time
    try:
        address = relying.begin(
            client,
            redirect_uri=_redirect_uri(),
            said=said,
            anew=said["intent"] == Intent.AGAIN,
            now=clock.now().timestamp(),
        )
    except Wrong as no:
        if said["intent"] == Intent.TRY:
            return _tried({"problem": str(no)})
        return _not_in(Reason.UNREACHABLE.sentence, name, 503)
    except Refused as no:
        return _not_in(no.reason.sentence, name, 503)
    page = render_template("tenancy/university/going.html", name=name, address=address)
    return page, {"Refresh": f"0; url={address}", **NO_REFERRER}


@doors.get("/callback")
@open_to("whoever was sent here by the university, in the browser that went there")
@limited(rates.UNIVERSITY)
def callback() -> ResponseReturnValue:
    """Come back from the university."""
    provider = providers.here()
    if provider is None:
        return redirect(address_of("accounts.sign_in"))
    client, name, rules = _client(provider), provider.name, providers.rules(provider)
    db.session.rollback()
    try:
        proof = relying.finish(client, request.args, now=clock.now().timestamp())
    except Refused as no:
        if no.reason is not Reason.NOT_BEGUN:
            _note_failure(no.reason, client)
        busy = no.reason in (Reason.BUSY, Reason.UNREACHABLE)
        return _not_in(no.reason.sentence, name, 503 if busy else 403)
    person = claims.person(proof.claims, rules)
    try:
        return _come_in(Intent(proof.said["intent"]), proof, person, client)
    except Refusal as refusal:
        db.session.rollback()
        _note_failure(type(refusal).__name__, client)
        return _not_in(str(refusal), name, 403)


@doors.get("/waiting")
@open_to("anybody: it says to look for a mail")
def look_for_mail() -> str:
    return render_template("tenancy/university/look_for_mail.html")


@doors.get("/mail/<token>")
@open_to("whoever has the link from the mail: it lets nobody in")
def show_mailed(token: str) -> ResponseReturnValue:
    """One button, and nothing happens before it is pressed: mail scanners follow links too."""
    page = render_template("tenancy/university/mailed.html", form=Form(), token=token)
    return page, NO_REFERRER


@doors.post("/mail/<token>")
@open_to("whoever has the link from the mail, in the browser that came from the university")
@limited(rates.MAIL_KEYS)
def use_mailed(token: str) -> ResponseReturnValue:
    try:
        arrival_id = arrivals.read(token, secrets=_settings().secrets, now=clock.now())
        # Somebody else could have gone to the university with this address, and wait for a click.
        if session.get(_WAITING) != str(arrival_id):
            raise arrivals.OtherBrowser
        with transaction():  # the arrival is over also for whom it does not let in
            outcome = arrivals.confirm(arrival_id, now=clock.now())
            if isinstance(outcome, LetIn):
                return _admit(outcome, providers.here(), proof=None)
    except Refusal as refusal:
        return _not_in(str(refusal), "", 403)
    return _not_in(str(outcome.no), "", 403)


@doors.get("/signed-out")
@open_to("anybody: it says that they are signed out")
def signed_out() -> str:
    session.pop("signed_out", None)
    return render_template("tenancy/university/signed_out.html")


def _come_in(intent: Intent, proof: Proof, person: Person, client: Client) -> ResponseReturnValue:
    """Do what somebody went to the university for. A GET, and so it keeps its work itself.

    :raises Refusal: it cannot be done.
    """
    now = clock.now()
    if intent is Intent.SIGN_IN:
        with transaction():
            # Whoever switches it off waits, and then ends the session that begins here, too.
            provider = _still(client, providers.live(for_update=True))
            way_on = proof.said["next"]
            outcome = arrivals.arrive(provider, person, next_path=way_on, now=now)
            if isinstance(outcome, LetIn):
                return _admit(outcome, provider, proof=proof)
        if isinstance(outcome, Stopped):
            raise outcome.no
        session[_WAITING] = str(outcome.arrival_id)
        return redirect(address_of(".look_for_mail"))
    member = _whoever_began(proof.said)
    with transaction():
        if intent is Intent.TRY:
            provider = _still(client, providers.here())
            providers.note_test(provider.id, version=client.version, by=member, now=now)
            return _tried(_brought(proof, person))
        provider = _still(client, providers.live())
        if intent is Intent.CONNECT:
            arrivals.connect(provider, person, by=member, now=now)
            flash(f"{provider.name} can sign you in from now on.", "good")
            return redirect(address_of("accounts.account"))
        arrivals.insist_it_is(member, provider, person)
        sign_in.prove_again(way=Way.UNIVERSITY, now=now)
    return redirect(proof.said["next"] or address_of("accounts.account"))


def _whoever_began(said: Mapping[str, str]) -> Member:
    """The member who began this, who is still signed in here.

    :raises NotYours: they are not.
    """
    if not current_user.is_authenticated or said["user"] != str(current_user.user_id):
        raise NotYours
    member = queries.member_with(current_user.user_id)
    db.session.rollback()
    if member is None:
        raise NotYours
    return member


def _still(client: Client, provider: Provider | None) -> Provider:
    """The provider, if it is the one that has answered.

    :raises arrivals.TooLate: it was changed or switched off meanwhile.
    """
    if provider is None or (provider.id, provider.version) != (client.id, client.version):
        raise arrivals.TooLate
    return provider


def _admit(
    outcome: LetIn, provider: Provider | None, *, proof: Proof | None
) -> ResponseReturnValue:
    """Let somebody in by what the university says; with no proof of it, by their mailbox."""
    assert provider is not None  # it has let them in
    now, id_token = clock.now(), proof.id_token if proof else ""
    hint = {
        "chapter": str(scope.here()),
        "token": id_token if len(id_token) <= LONGEST_HINT else "",
    }
    sealed = sealing.seal(
        json.dumps(hint), purpose=_HINTS, owner_id=provider.id, secret=_settings().secret_key
    )
    sign_in.admit(
        outcome.user_id,
        way=Way.UNIVERSITY,
        now=now,
        proven_at=proof.proven_at(now) if proof else now,
        provider_id=provider.id,
        logout_hint=sealed,
    )
    return redirect(outcome.next_path or address_of("chapter.insights.home"), 303)


def _tried(found: dict[str, str]) -> ResponseReturnValue:
    """Back to the coordinator's page, with what the test has brought."""
    session[TRIED] = found
    return redirect(address_of("chapter.university.set_up"))


def _brought(proof: Proof, person: Person) -> dict[str, str]:
    said = proof.claims.get("email_verified")
    return {
        "subject": person.subject[:60],
        "email": person.email,
        "name": person.name,
        "verified": json.dumps(said)[:20] if "email_verified" in proof.claims else "",
        "vouched": "yes" if person.vouched else "",
        "claim": "yes" if person.has_claim else "",
    }


def _note_failure(why: str, client: Client) -> None:
    account_trail.record_anyway(
        AccountDeed.SIGN_IN_FAILED,
        user_id=None,
        now=clock.now(),
        way=str(Way.UNIVERSITY),
        why=str(why),
        provider_id=client.id,
    )


def _not_in(sentence: str, name: str, status: int) -> ResponseReturnValue:
    page = render_template("tenancy/university/not_in.html", sentence=sentence, name=name)
    return page, status, NO_REFERRER


def _client(provider: Provider) -> Client:
    try:
        return providers.client(provider, settings=_settings())
    except sealing.Sealed:
        raise SecretLost from None


class SecretLost(Refusal):
    sentence = "The chapter’s secret cannot be opened anymore. Its coordinator has to set it anew."


def _redirect_uri() -> str:
    return address_of("university_doors.callback", _external=True)


def _ours(path: str, *, place_too: bool = False) -> str:
    """The path, if it is a page of this chapter (or of one's own place); else nothing."""
    starts = (f"/c/{g.chapter_slug}/", *(("/account",) if place_too else ()))
    plain = len(path) <= LONGEST_WAY_ON and path.isprintable() and "\\" not in path
    return path if plain and path.startswith(starts) else ""


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


class _University:
    """What accounts hear of universities."""

    def at_the_door(self, *, next_path: str, email: str) -> list[Offer]:
        slug = next_path.removeprefix("/c/").partition("/")[0] if next_path[:3] == "/c/" else ""
        if not slug and "@" not in email:
            return []
        found = queries.doors(slug=slug, domain=claims.domain(email.lower()))
        # A domain of several says nothing about which of them is meant.
        named = [door for door in found if door.slug == slug] or found
        if len(named) != 1:
            return []
        [door] = named
        address = address_of(
            "university_doors.begin",
            chapter_slug=door.slug,
            next=next_path if door.slug == slug else None,
        )
        return [Offer(door.name, address)]

    def disconnect(self, user_id: UUID, *, since: datetime, now: datetime) -> None:
        for chapter_id in chapters.chapters_of(user_id):
            with scope.chapter(chapter_id), transaction():
                arrivals.disconnect_since(user_id, since=since, now=now)

    def on_leaving(self, provider_id: UUID, hint: bytes) -> Offer | None:
        settings = _settings()
        try:
            opened = sealing.open_sealed(
                hint, purpose=_HINTS, owner_id=provider_id, secrets=settings.secrets
            )
        except sealing.Sealed:
            return None
        said, state = json.loads(opened), token_urlsafe(16)
        db.session.rollback()
        with scope.chapter(UUID(said["chapter"])):
            provider, slug = providers.here(), chapters.card().slug
            if provider is None or provider.id != provider_id:
                return None
            name = provider.name
            back = address_of("university_doors.signed_out", chapter_slug=slug, _external=True)
            try:
                client = providers.client(provider, settings=settings)
                address = relying.farewell(client, back=back, id_token=said["token"], state=state)
            except (Wrong, Refused, sealing.Sealed):
                return None
        return Offer(name, address) if address else None


elsewhere.use(_University())
place.also(
    WayIn(
        listed="tenancy/university/listed.html",
        confirms="tenancy/university/confirms.html",
        facts=queries.universities_of,
    )
)
