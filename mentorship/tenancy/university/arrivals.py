"""Who somebody is here whom the university has let in: the rules by which two accounts become one.

Known is somebody by issuer and subject, never by their address. The address makes two accounts one
only where nobody could have made it up: the university vouches for it, the chapter lets it vouch
for that domain, and the account was proven to be theirs before. It also has to be an account of
this chapter alone, since otherwise whoever runs one chapter's provider could sign in as somebody
who is also in another. In all other cases the address itself is asked, by mail, and answered alike
whether somebody has it or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)

from mentorship.accounts import links
from mentorship.accounts.models import DeviceSession, User
from mentorship.accounts.sessions import Way
from mentorship.audit import account_trail, trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.foundation import scope, tokens
from mentorship.foundation.database import count_touched, db, uuid7
from mentorship.foundation.errors import Refusal
from mentorship.foundation.queue import defer
from mentorship.tenancy import memberships, queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.tenancy.university import claims, providers
from mentorship.tenancy.university.claims import Person
from mentorship.tenancy.university.models import (
    Arrival,
    How,
    Identity,
    Joining,
    Provider,
    ProviderState,
    UniversityDeed,
)

_PURPOSE = "university arrival"


class NoEmail(Refusal):
    sentence = (
        "Your university did not tell us an email address for you, so we cannot know who you are"
        " here. Ask for a link by mail instead."
    )


class Left(Refusal):
    sentence = "You do not belong to this chapter anymore. Its coordinator can bring you in again."


class SubjectChanged(Refusal):
    sentence = (
        "Your university knows you under another number than before. So that nobody comes in as"
        " you, we stopped here and told your coordinator. Ask for a link by mail to sign in."
    )


class NotKnown(Refusal):
    sentence = "This chapter does not know you yet. Ask its coordinator to bring you in."


class Taken(Refusal):
    sentence = "Another account here is connected with that account of your university."


class HasAnother(Refusal):
    sentence = (
        "You are connected with another account of your university already. Disconnect that first."
    )


class TooLate(Refusal):
    sentence = "This link was used already, or its time is over. Sign in once more."


class OtherBrowser(Refusal):
    sentence = (
        "Open this link in the browser in which you came from your university. If that was not"
        " you, do nothing: somebody may have tried to come in with your address."
    )


class NotThem(Refusal):
    sentence = "That is another account of your university than the one you are connected with."


@dataclass(frozen=True)
class LetIn:
    """Somebody whose account is known."""

    user_id: UUID
    next_path: str = ""


@dataclass(frozen=True)
class AskTheMailbox:
    """Only the mailbox can tell who it is. Whether anything is mailed is not said."""

    arrival_id: UUID
    email: str


@dataclass(frozen=True)
class Stopped:
    """Nobody is let in, and that is kept in the trail."""

    no: Refusal


_of = func.chapters_of(User.id).table_valued("chapter_id", "slug", "name").render_derived()
_ELSEWHERE = (
    exists().select_from(_of).where(_of.c.chapter_id != bindparam("here", type_=Uuid))
).label("elsewhere")
_KNOWN = (
    select(Identity.user_id, Identity.how, Membership.left_at, User.is_network_admin, _ELSEWHERE)
    .join(Membership, Membership.user_id == Identity.user_id)
    .join(User, User.id == Identity.user_id)
    .where(Identity.issuer == bindparam("issuer"), Identity.subject == bindparam("subject"))
)
_BY_ADDRESS = (
    select(
        User.id.label("user_id"),
        User.is_network_admin,
        Membership.id.label("member_id"),
        Membership.left_at,
        Identity.subject,
        exists()
        .where(DeviceSession.user_id == User.id, DeviceSession.way.in_((Way.LINK, Way.PASSKEY)))
        .label("proven"),
        _ELSEWHERE,
    )
    .outerjoin(Membership, Membership.user_id == User.id)
    .outerjoin(Identity, and_(Identity.user_id == User.id, Identity.issuer == bindparam("issuer")))
    .where(User.email == bindparam("email"))
)


def arrive(
    provider: Provider, person: Person, *, next_path: str, now: datetime
) -> LetIn | AskTheMailbox | Stopped:
    """Find out who somebody is whom the university has let in.

    :param provider: locked, so that of two arrivals of the same person at once, the second one
        finds what the first one did.
    :raises NoEmail: they are not known, and have no address to ask.
    :raises Left: they are, and belong to the chapter no longer.
    """
    known = _known(provider.issuer, person.subject)
    if known is not None:
        if known.left_at is not None:
            raise Left
        if _by_themselves(known) or not _opens_more(known):
            return LetIn(known.user_id, next_path)
    if not person.email:
        raise NoEmail
    if known is not None:
        return _ask(provider, person, admitted=False, next_path=next_path, now=now)
    admitted = _admits(provider, person.email, person.has_claim)
    if person.vouched:
        found = _by_address(provider.issuer, person.email)
        if found is None:
            if admitted:
                user_id = _join(provider, person.email, person.name, person.subject, now=now)
                return LetIn(user_id, next_path)
        elif found.subject is not None:
            return _stop(provider, found, now=now)
        elif _is_theirs_alone(found):
            _connect(found.user_id, provider.issuer, person.subject, How.EMAIL, now=now)
            return LetIn(found.user_id, next_path)
    return _ask(provider, person, admitted=admitted, next_path=next_path, now=now)


def confirm(arrival_id: UUID, *, now: datetime) -> LetIn | Stopped:
    """Whoever has the address has said that it was them. Of two who say so at once, one counts.

    :raises TooLate: the link was used, its time is over, or the provider is another one now.
    :raises NotKnown, Left: the chapter has no place for them.
    :raises Taken: that account of the university belongs to somebody else here.
    """
    provider = providers.here(for_update=True)
    arrival = _used(arrival_id, now=now)
    if arrival is None or provider is None or not _lets_in(provider, arrival.issuer):
        raise TooLate
    known = _known(arrival.issuer, arrival.subject)
    found = _by_address(arrival.issuer, arrival.email)
    if known is not None and (found is None or known.user_id != found.user_id):
        raise Taken
    if found is not None and found.subject not in (None, arrival.subject):
        return _stop(provider, found, now=now)
    if found is not None and found.left_at is not None:
        raise Left
    if found is None or found.member_id is None:
        if not _admits(provider, arrival.email, arrival.admitted):
            raise NotKnown
        user_id = _join(provider, arrival.email, arrival.name, arrival.subject, now=now)
        return LetIn(user_id, arrival.next_path)
    if known is None:
        _connect(found.user_id, arrival.issuer, arrival.subject, How.MAIL, now=now)
    elif not _by_themselves(known):
        mine = Identity.issuer == arrival.issuer, Identity.subject == arrival.subject
        db.session.execute(update(Identity).where(*mine).values(how=How.MAIL))
    return LetIn(found.user_id, arrival.next_path)


def connect(provider: Provider, person: Person, *, by: Member, now: datetime) -> None:
    """Connect a signed-in person's account with theirs at the university, by their own act.

    :raises Taken: that account of the university belongs to somebody else here.
    :raises HasAnother: they are connected with another one.
    """
    db.session.execute(select(Provider.id).with_for_update())
    known = _known(provider.issuer, person.subject)
    if known is not None and known.user_id != by.user_id:
        raise Taken
    if known is not None:
        return
    if _connection(by.user_id, provider.issuer) is not None:
        raise HasAnother
    _connect(by.user_id, provider.issuer, person.subject, How.SELF, now=now)


def disconnect(*, by: Member, now: datetime) -> None:
    """Let nobody in as this member through the university anymore. Twice changes nothing.

    A link by mail always remains to them.
    """
    _disconnect(Identity.user_id == by.user_id, user_id=by.user_id, now=now)


def disconnect_since(user_id: UUID, *, since: datetime, now: datetime) -> None:
    """Forget what was connected at that instant or later, since it may have been by a thief."""
    later = Identity.user_id == user_id, Identity.connected_at >= since
    _disconnect(*later, user_id=user_id, now=now)


def insist_it_is(member: Member, provider: Provider, person: Person) -> None:
    """Check that whoever comes back from the university is this member.

    :raises NotThem: it is somebody else, or they are not connected.
    """
    known = _known(provider.issuer, person.subject)
    if known is None or known.user_id != member.user_id:
        raise NotThem


def token(arrival: Arrival, *, secret: str) -> str:
    """What stands in the mail."""
    said = {"id": str(arrival.id)}
    return tokens.sign(said, purpose=_PURPOSE, secret=secret, until=arrival.ends_at)


def read(token: str, *, secrets: Sequence[str], now: datetime) -> UUID:
    """Whose arrival the link in a mail is about.

    :raises TooLate: it never was ours, or its time is over.
    """
    try:
        return UUID(tokens.read(token, purpose=_PURPOSE, secret=secrets, now=now)["id"])
    except tokens.BadToken:
        raise TooLate from None


def expected(arrival_id: UUID, *, now: datetime) -> Arrival | None:
    """Somebody who waits for a link by mail, if the chapter has a place for them."""
    arrival = db.session.scalars(select(Arrival).where(Arrival.id == arrival_id)).one_or_none()
    provider = providers.live()
    if arrival is None or arrival.used_at is not None or arrival.ends_at <= now:
        return None
    if provider is None or not _lets_in(provider, arrival.issuer):
        return None
    found = _by_address(arrival.issuer, arrival.email)
    if found is None or found.member_id is None:
        return arrival if _admits(provider, arrival.email, arrival.admitted) else None
    return arrival if found.left_at is None else None


def sweep(*, now: datetime) -> int:
    """Forget who waited for a link, a day after its end."""
    return count_touched(delete(Arrival).where(Arrival.ends_at < now - timedelta(days=1)))


def _known(issuer: str, subject: str) -> Row | None:
    facts = {"issuer": issuer, "subject": subject, "here": scope.here()}
    return db.session.execute(_KNOWN, facts).one_or_none()


def _connection(user_id: UUID, issuer: str) -> UUID | None:
    mine = Identity.user_id == user_id, Identity.issuer == issuer
    return db.session.scalar(select(Identity.id).where(*mine))


def _by_address(issuer: str, email: str) -> Row | None:
    facts = {"issuer": issuer, "email": email, "here": scope.here()}
    return db.session.execute(_BY_ADDRESS, facts).one_or_none()


def _used(arrival_id: UUID, *, now: datetime) -> Row | None:
    one = update(Arrival).where(
        Arrival.id == arrival_id, Arrival.used_at.is_(None), Arrival.ends_at > now
    )
    said = (Arrival.issuer, Arrival.subject, Arrival.email, Arrival.name)
    used = one.values(used_at=now).returning(*said, Arrival.admitted, Arrival.next_path)
    return db.session.execute(used.execution_options(synchronize_session=False)).one_or_none()


def _lets_in(provider: Provider, issuer: str) -> bool:
    return (
        provider is not None and provider.state == ProviderState.LIVE and provider.issuer == issuer
    )


def _admits(provider: Provider, email: str, has_claim: bool) -> bool:
    """Whether the chapter's rule makes somebody with this address a member."""
    match Joining(provider.joining):
        case Joining.DOMAIN:
            return claims.domain(email) in provider.domains
        case Joining.CLAIM:
            return has_claim
    return False


def _is_theirs_alone(found: Row) -> bool:
    """Whether the account was proven to be theirs, and opens nothing but this chapter."""
    if found.member_id is None or found.left_at is not None:
        return False
    return found.proven and not _opens_more(found)


def _opens_more(account: Row) -> bool:
    """Whether it opens more than this chapter, which is all that its university may open."""
    return account.is_network_admin or account.elsewhere


def _by_themselves(known: Row) -> bool:
    """Whether the person had a hand in it that the university knows them."""
    return known.how in (How.MAIL, How.SELF)


def _join(provider: Provider, email: str, name: str, subject: str, *, now: datetime) -> UUID:
    membership = memberships.join(
        email=email, name=name, roles=[Role(provider.joins_as)], zone=queries.card().zone, now=now
    )
    trail.record(UniversityDeed.JOINED, membership, by=None, now=now)
    _connect(membership.user_id, provider.issuer, subject, How.JOINED, now=now)
    return membership.user_id


def _connect(user_id: UUID, issuer: str, subject: str, how: How, *, now: datetime) -> None:
    db.session.add(
        Identity(issuer=issuer, subject=subject, user_id=user_id, how=how, connected_at=now)
    )
    db.session.flush()
    account_trail.record(
        AccountDeed.UNIVERSITY_CONNECTED,
        user_id=user_id,
        now=now,
        chapter_id=scope.here(),
        how=how,
    )


def _disconnect(*which: ColumnElement[bool], user_id: UUID, now: datetime) -> None:
    if count_touched(delete(Identity).where(*which)):
        account_trail.record(
            AccountDeed.UNIVERSITY_DISCONNECTED,
            user_id=user_id,
            now=now,
            chapter_id=scope.here(),
        )


def _stop(provider: Provider, found: Row, *, now: datetime) -> Stopped:
    trail.record(
        UniversityDeed.SUBJECT_CHANGED, provider, by=None, now=now, member_id=found.member_id
    )
    return Stopped(SubjectChanged())


def _ask(
    provider: Provider, person: Person, *, admitted: bool, next_path: str, now: datetime
) -> AskTheMailbox:
    arrival = Arrival(
        id=uuid7(),
        issuer=provider.issuer,
        subject=person.subject,
        email=person.email,
        name=person.name,
        admitted=admitted,
        next_path=next_path,
        ends_at=now + links.LIFE,
    )
    db.session.add(arrival)
    db.session.flush()
    # Whether there is anybody to mail is for the job to find out: this page answers alike.
    defer("mail_arrival", chapter_id=str(scope.here()), arrival_id=str(arrival.id))
    return AskTheMailbox(arrival.id, person.email)
