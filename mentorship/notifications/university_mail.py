"""What is mailed about signing in through a university.

The link for somebody whom only their mailbox can tell belongs to no member yet, so it is no notice.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation import post, rates, scope
from mentorship.foundation.database import db
from mentorship.foundation.post import Mail, MailRefused
from mentorship.foundation.settings import Settings
from mentorship.notifications.telling import Facts, Telling
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Role
from mentorship.tenancy.university import arrivals, providers
from mentorship.web import mail
from mentorship.web.links import absolute


def send_link(arrival_id: UUID, *, settings: Settings, now: datetime) -> None:
    """Ask the mailbox whether it was its owner who came from the university.

    Nothing is sent where the chapter has no place for them, or to one address all the time.

    :raises MailDelayed: the server could not take it; try again later.
    """
    arrival = arrivals.expected(arrival_id, now=now)
    if arrival is None:
        return
    if not rates.allow(rates.UNIVERSITY_MAILS, f"{scope.here()} {arrival.email}", now=now):
        return
    provider, chapter = providers.here(), queries.card()
    token = arrivals.token(arrival, secret=settings.secret_key)
    words = mail.render(
        "university_link",
        address=absolute("university_doors.show_mailed", chapter_slug=chapter.slug, token=token),
        university=provider.name if provider else "",
        chapter=chapter,
        who=arrival.name,
    )
    ready = Mail(
        key=f"university {arrival_id}",
        to=arrival.email,
        subject=words.subject,
        text=words.text,
        html=words.html,
    )
    db.session.rollback()  # nothing is held while the mail server takes its time
    try:
        post.send(ready, settings=settings, now=now)
    except MailRefused:
        return  # a mailbox that is gone; nobody is waiting for an answer


def _coordinators(_: AuditEvent) -> Sequence[UUID]:
    runs = Membership.roles.contains([Role.COORDINATOR]), Membership.left_at.is_(None)
    return list(db.session.scalars(select(Membership.id).where(*runs)))


def _the_secret(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    """When it ends, unless there is another one now."""
    provider = providers.here()
    if provider is None or provider.id != event.subject_id or provider.warned_days is None:
        return None
    return Facts({"university": provider.name, "ends_on": provider.secret_ends_on})


def _the_member(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
    provider = providers.here()
    if provider is None or event.facts["member_id"] is None:
        return None
    member = queries.member(UUID(event.facts["member_id"]))
    said = {"university": provider.name, "member": member, "address": absolute("accounts.account")}
    return Facts(said)


SECRET_ENDS = Telling("university_secret", _coordinators, _the_secret)
SUBJECT_CHANGED = Telling("university_changed", _coordinators, _the_member)
