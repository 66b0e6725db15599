"""Which deed is told to whom, in which words. Everything the product ever mails, on one page."""

from collections.abc import Sequence
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.files.models import DocumentDeed
from mentorship.foundation.database import db
from mentorship.foundation.settings import Settings
from mentorship.matching.models import MatchingRun, RunDeed, RunState
from mentorship.matching.queries import told_by_run
from mentorship.notifications import (
    agenda_mail,
    concern_mail,
    conference_mail,
    contact_mail,
    data_mail,
    feed_mail,
    file_mail,
    group_mail,
    item_mail,
    meeting_mail,
    member_mail,
    pairing_mail,
    standing_mail,
    university_mail,
    waiting_mail,
)
from mentorship.notifications.nudges.models import MailDeed
from mentorship.notifications.telling import Facts, Gather, Telling
from mentorship.own_data.models import DataDeed
from mentorship.profiles.models import ProfileDeed, RosterDeed
from mentorship.profiles.road.models import RoadDeed
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts.models import ContactDeed, RotationDeed, UpdateDeed
from mentorship.relationships.goals.models import GoalDeed
from mentorship.relationships.help import HelpDeed
from mentorship.relationships.models import (
    ActionItemDeed,
    AgreementDeed,
    BlockDeed,
    CheckIn,
    CheckInDeed,
    EvaluationDeed,
    FitCheckDeed,
    Pairing,
    PairingDeed,
    RematchDeed,
)
from mentorship.safety.models import ConcernDeed, ResourceDeed
from mentorship.scheduling.conference.models import ConferenceDeed
from mentorship.scheduling.feeds.models import FeedDeed
from mentorship.scheduling.groups.models import SeatDeed, SessionDeed
from mentorship.scheduling.models import AgendaTemplateDeed, CalendarDeed, HoursDeed, MeetingDeed
from mentorship.scheduling.next_choices import NextDeed
from mentorship.scheduling.replies.models import ReplyDeed
from mentorship.scheduling.standing.models import StandingDeed
from mentorship.scheduling.thanks.models import ThanksDeed
from mentorship.scheduling.waiting.models import WaitDeed
from mentorship.tenancy import queries
from mentorship.tenancy.members import Member
from mentorship.tenancy.models import MemberDeed, SupportDeed
from mentorship.tenancy.university.models import UniversityDeed
from mentorship.vocabulary.kinds import Kind


def _whoever_started_the_run(event: AuditEvent) -> Sequence[UUID]:
    started = select(AuditEvent.by_id).where(
        AuditEvent.subject_id == event.subject_id, AuditEvent.deed == RunDeed.STARTED
    )
    return [
        who for who in db.session.scalars(started.order_by(AuditEvent.at.desc()).limit(1)) if who
    ]


def _everyone_in_the_run(event: AuditEvent) -> Sequence[UUID]:
    return list(told_by_run(event.subject_id))


def _the_run(state: RunState) -> Gather:
    """Gather what the draft has brought, while the run stands there and has no newer draft."""

    def gather(event: AuditEvent, _reader: Member, _settings: Settings) -> Facts | None:
        run = db.session.scalars(
            select(MatchingRun).where(MatchingRun.id == event.subject_id)
        ).one()
        as_told = run.state == state and run.draft == event.facts["draft"]
        return Facts({"run": run, "brought": event.facts}) if as_told else None

    return gather


def _what_the_run_brought(event: AuditEvent, reader: Member, _settings: Settings) -> Facts | None:
    words = told_by_run(event.subject_id, only=reader.id).get(reader.id)
    return Facts({"words": words}) if words else None


def _pairing_of(event: AuditEvent) -> Pairing:
    one = select(Pairing).join(CheckIn, CheckIn.pairing_id == Pairing.id)
    return db.session.scalars(one.where(CheckIn.id == event.subject_id)).one()


def _the_other(event: AuditEvent) -> Sequence[UUID]:
    pairing = _pairing_of(event)
    return [who for who in (pairing.mentee_id, pairing.mentor_id) if who != event.by_id]


def _pairing(event: AuditEvent, reader: Member, _settings: Settings) -> Facts:
    pairing = _pairing_of(event)
    other_id = pairing.mentor_id if reader.id == pairing.mentee_id else pairing.mentee_id
    by_other = event.by_id == other_id
    return Facts({"pairing": pairing, "other": queries.member(other_id), "by_other": by_other})


def _check_in(event: AuditEvent, reader: Member, settings: Settings) -> Facts:
    words = _pairing(event, reader, settings).words
    check_in = db.session.execute(
        select(CheckIn.how, CheckIn.line).where(CheckIn.id == event.subject_id)
    ).one()
    # Mail may be read over a shoulder: of wellness mentoring it says only that there was contact.
    discreet = words["pairing"].kind == Kind.WELLNESS
    told = {
        "discreet": discreet,
        "how": "" if discreet else How(check_in.how).label,
        "line": "" if discreet else check_in.line,
    }
    return Facts(words | told)


NOTICES: dict[str, Telling] = {
    MeetingDeed.REQUESTED: meeting_mail.REQUESTED,
    MeetingDeed.MOVED: meeting_mail.MOVED,
    MeetingDeed.REMINDED: meeting_mail.REMINDED,
    MeetingDeed.ACCEPTED: meeting_mail.ACCEPTED,
    MeetingDeed.DECLINED: meeting_mail.DECLINED,
    MeetingDeed.WITHDRAWN: meeting_mail.WITHDRAWN,
    MeetingDeed.LAPSED: meeting_mail.LAPSED,
    MeetingDeed.CANCELLED: meeting_mail.CANCELLED,
    MeetingDeed.OTHER_TIMES: meeting_mail.OTHER_TIMES,
    MeetingDeed.RESCHEDULED: meeting_mail.RESCHEDULED,
    MeetingDeed.TIME_KEPT: meeting_mail.TIME_KEPT,
    MeetingDeed.AGENDA_SENT: agenda_mail.SENT,
    NextDeed.ASKED: meeting_mail.NEXT_ASKED,
    NextDeed.NOT_ASKED: meeting_mail.NEXT_NOT_ASKED,
    ReplyDeed.DECLINED: meeting_mail.REPLY_DECLINED,
    ReplyDeed.UNUSED: meeting_mail.REPLY_UNUSED,
    DocumentDeed.SHARED: file_mail.SHOWN,
    CheckInDeed.LOGGED: Telling("check_in", _the_other, _check_in),
    UpdateDeed.SENT: contact_mail.UPDATE,
    ThanksDeed.SENT: contact_mail.THANKS,
    PairingDeed.PAUSED: pairing_mail.PAUSED,
    PairingDeed.RESUMED: pairing_mail.RESUMED,
    PairingDeed.ENDED: pairing_mail.ENDED,
    PairingDeed.REOPENED: pairing_mail.REOPENED,
    AgreementDeed.WRITTEN: pairing_mail.AGREEMENT,
    ActionItemDeed.REASSIGNED: item_mail.HANDED_OVER,
    FitCheckDeed.ASKED: pairing_mail.FIT_CHECK,
    RunDeed.FINISHED: Telling("run_ready", _whoever_started_the_run, _the_run(RunState.REVIEW)),
    RunDeed.FAILED: Telling("run_failed", _whoever_started_the_run, _the_run(RunState.FAILED)),
    FeedDeed.WENT_QUIET: feed_mail.WENT_QUIET,
    FeedDeed.CLASHED: meeting_mail.CLASHED,
    FeedDeed.CLASH_KEPT: meeting_mail.CLASH_KEPT,
    ConferenceDeed.CLASHED: conference_mail.CLASHED,
    ConferenceDeed.CHANGED: conference_mail.CHANGED,
    ConferenceDeed.TAKEN: conference_mail.TAKEN,
    ConferenceDeed.GIVEN_BACK: conference_mail.GIVEN_BACK,
    ConferenceDeed.CALLED_OFF: conference_mail.CALLED_OFF,
    SessionDeed.ASKED: group_mail.ASKED,
    SessionDeed.OPENED: group_mail.OPENED,
    SessionDeed.CHANGED: group_mail.CHANGED,
    SessionDeed.CLASHED: group_mail.CLASHED,
    SessionDeed.REMINDED: group_mail.REMINDED,
    SessionDeed.DECLINED: group_mail.DECLINED,
    SessionDeed.CALLED_OFF: group_mail.CALLED_OFF,
    SeatDeed.TAKEN: group_mail.SEAT_TAKEN,
    SeatDeed.MOVED_UP: group_mail.SEAT_TAKEN,
    SeatDeed.CHANGED: group_mail.SEAT_CHANGED,
    SeatDeed.REMINDED: group_mail.SEAT_REMINDED,
    SeatDeed.LEFT: group_mail.SEAT_LEFT,
    SeatDeed.ENDED: group_mail.SEAT_ENDED,
    SeatDeed.CALLED_OFF: group_mail.SEAT_CALLED_OFF,
    StandingDeed.PROPOSED: standing_mail.PROPOSED,
    StandingDeed.REMINDED: standing_mail.REMINDED,
    StandingDeed.AGREED: standing_mail.AGREED,
    StandingDeed.DECLINED: standing_mail.DECLINED,
    StandingDeed.WITHDRAWN: standing_mail.WITHDRAWN,
    StandingDeed.LAPSED: standing_mail.LAPSED,
    StandingDeed.DATE_SET: meeting_mail.ACCEPTED,
    StandingDeed.LEFT_OUT: standing_mail.LEFT_OUT,
    StandingDeed.STOPPED: standing_mail.STOPPED,
    WaitDeed.OFFERED: waiting_mail.OFFERED,
    WaitDeed.TAKEN: waiting_mail.TAKEN,
    WaitDeed.LAPSED: waiting_mail.LAPSED,
    ConcernDeed.REPORTED: concern_mail.WAITS,
    ConcernDeed.PASSED_ON: concern_mail.WAITS,
    ConcernDeed.REMINDED: concern_mail.REMINDED,
    ConcernDeed.LOOKED_AT: concern_mail.MOVED,
    ConcernDeed.CLOSED: concern_mail.MOVED,
    DataDeed.REMOVAL_ASKED: data_mail.REMOVAL_ASKED,
    DataDeed.REMOVAL_CONFIRMED: data_mail.REMOVAL_CONFIRMED,
    DataDeed.REMOVAL_STOPPED: data_mail.REMOVAL_STOPPED,
    UniversityDeed.SECRET_ENDS: university_mail.SECRET_ENDS,
    UniversityDeed.SUBJECT_CHANGED: university_mail.SUBJECT_CHANGED,
    MemberDeed.APPOINTED: member_mail.ROLE,
    MemberDeed.DISMISSED: member_mail.ROLE,
    MemberDeed.HANDED_OVER: member_mail.HANDED_OVER,
    MemberDeed.TAKEN_OUT: member_mail.MEMBERSHIP,
    MemberDeed.BROUGHT_BACK: member_mail.MEMBERSHIP,
    MemberDeed.INVITED: member_mail.MEMBERSHIP,
    SupportDeed.ASKED: member_mail.SUPPORT,
    SupportDeed.BEGAN: member_mail.SUPPORT,
    SupportDeed.ENDED: member_mail.SUPPORT,
    SupportDeed.LAPSED: member_mail.SUPPORT,
    RunDeed.PUBLISHED: Telling("run_published", _everyone_in_the_run, _what_the_run_brought),
}

#: Deeds by which one member speaks to another. Once the two are kept apart they are not told.
SPOKEN: frozenset[StrEnum] = frozenset(
    {
        MeetingDeed.REQUESTED,
        MeetingDeed.MOVED,
        MeetingDeed.OTHER_TIMES,
        MeetingDeed.AGENDA_SENT,
        CheckInDeed.LOGGED,
        PairingDeed.PAUSED,
        PairingDeed.RESUMED,
        PairingDeed.REOPENED,
        AgreementDeed.WRITTEN,
        ActionItemDeed.REASSIGNED,
        UpdateDeed.SENT,
        ThanksDeed.SENT,
    }
)

#: Deeds that nobody is mailed about, on purpose: a run's pairings are told once by the run, a
#: request by its meeting, and the rest is seen where it was done.
SILENT: set[StrEnum] = {
    MeetingDeed.HELD,
    MeetingDeed.NOT_HELD,
    MeetingDeed.EXCUSED,
    MeetingDeed.AGENDA_CHANGED,
    MeetingDeed.AGENDA_PLANNED,
    MeetingDeed.ITEM_REPORTED,
    MeetingDeed.NOTES_WRITTEN,
    ReplyDeed.NOTED,
    NextDeed.CHOSEN,
    NextDeed.DROPPED,
    *AgendaTemplateDeed,
    *CalendarDeed,
    *(set(DocumentDeed) - {DocumentDeed.SHARED}),
    PairingDeed.PROPOSED,
    PairingDeed.ACCEPTED,
    FitCheckDeed.ANSWERED,
    *RematchDeed,
    *HelpDeed,
    *ContactDeed,
    *RotationDeed,
    *(set(UpdateDeed) - {UpdateDeed.SENT}),
    RunDeed.STARTED,
    RunDeed.DISCARDED,
    RunDeed.MARKED,
    RunDeed.UNMARKED,
    RunDeed.TRIED,
    ActionItemDeed.TAKEN_ON,
    ActionItemDeed.FINISHED,
    ActionItemDeed.REOPENED,
    ActionItemDeed.CHANGED,
    ActionItemDeed.DROPPED,
    ActionItemDeed.RESTORED,
    *GoalDeed,
    *BlockDeed,
    *EvaluationDeed,
    *HoursDeed,
    ConferenceDeed.OPENED,
    ConferenceDeed.CLOSED,
    ConferenceDeed.CLASH_KEPT,
    SessionDeed.CLASH_KEPT,
    SeatDeed.QUEUED,
    StandingDeed.ENDED,
    WaitDeed.JOINED,
    WaitDeed.LEFT,
    FeedDeed.ADDED,
    FeedDeed.CHANGED,
    FeedDeed.REMOVED,
    FeedDeed.UPLOADED,
    FeedDeed.REST_SET,
    FeedDeed.IGNORED,
    FeedDeed.COUNTED,
    DataDeed.KEEPING_SET,
    DataDeed.TIDIED,
    DataDeed.COPY_ASKED,
    DataDeed.MEMBER_ERASED,
    *ProfileDeed,
    *RoadDeed,
    *RosterDeed,
    *MailDeed,
    MemberDeed.LEFT,
    SupportDeed.LOOKED,
    ConcernDeed.TAKEN,
    ConcernDeed.NOTED,
    ConcernDeed.KEPT_APART,
    ConcernDeed.LET_TOGETHER,
    ConcernDeed.REOPENED,
    *ResourceDeed,
    *(set(UniversityDeed) - {UniversityDeed.SECRET_ENDS, UniversityDeed.SUBJECT_CHANGED}),
}
