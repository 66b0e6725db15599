"""A wellness pairing in which everything that can be said has been, each in a word of its own."""

import io
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from mentorship.files import documents, shares
from mentorship.files.models import DocumentVersion, Sort
from mentorship.foundation import scope
from mentorship.foundation.database import db
from mentorship.foundation.storage import Store
from mentorship.matching import attempts, runs
from mentorship.matching.models import Proposal
from mentorship.matching.queries import run_record
from mentorship.relationships import action_items, agreements, check_ins, partings, pauses
from mentorship.relationships.agreements import Terms
from mentorship.relationships.check_ins import How
from mentorship.relationships.contacts import contacts, updates
from mentorship.relationships.contacts.models import Way
from mentorship.relationships.goals import goals
from mentorship.relationships.models import Fit, FitCheck, PairingState, Why
from mentorship.relationships.queries import my_pairing
from mentorship.safety import concerns
from mentorship.safety.queries import Occasion
from mentorship.scheduling import agendas, meetings, notes, queries, sendings
from mentorship.scheduling.models import ItemKind
from mentorship.scheduling.thanks import thanks
from mentorship.tenancy.members import Member
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.files import made

LAST_WEEK = datetime(2026, 2, 24, 19, tzinfo=UTC)
NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)

#: What the two may read, and nobody else.
SHARED = (
    *("purposeword", "agendaword", "linkword", "alongword", "partingword", "thanksword"),
    *("notesword", "olderword", "checkinword", "itemword", "outcomeword"),
    *("oftenword", "waysword", "aimword", "trustword", "pauseword", "kindword"),
    *("goalword", "knownword", "stepword", "updateword", "lineword"),
    *("filenameword", "fileword", "filenoteword", "commentword"),
)
#: What only the one who wrote it may read. A fit check's line is refused here; the one that
#: stands in the table all the same is as nobody's as the rest.
PRIVATE = {"mara": ("maraown",), "sol": ("solown", "whyword", "fitword")}
WORDS = (*SHARED, *PRIVATE["mara"], *PRIVATE["sol"])


def everything_said(
    mara: Member, sol: Member, cora: Member, *, store: Store, now: datetime
) -> dict[str, UUID]:
    """What an address can name of the two of them, by argument.

    Beside it `before_id`, an older pairing, and `past_id` and `off_id`, two more meetings.
    """
    before_id = _ended(mara, sol, now=now)
    pairing_id = make.pairing(mara, sol, Kind.WELLNESS, state=PairingState.ACTIVE)
    past, ahead, off = (
        make.meeting(mara, sol, pairing_id, starts_at=starts_at, purpose="purposeword")
        for starts_at in (LAST_WEEK, NEXT_WEEK, NEXT_WEEK + timedelta(days=1))
    )
    with scope.chapter(sol.chapter_id):
        ids = {
            **{"meeting_id": ahead, "past_id": past, "off_id": off},
            "before_id": before_id,
            "pairing_id": pairing_id,
            "mentor_id": mara.id,
            "member_id": sol.id,
            "agenda_item_id": _met(mara, sol, past, ahead, off, now=now),
            **_between_meetings(mara, sol, pairing_id, now=now),
            **_planned(mara, sol, now=now),
            **_shown(mara, sol, pairing_id, store=store, now=now),
            "concern_id": concerns.report(
                **{"words": "Something else.", "about": mara, "by": sol, "now": now},
                occasion=Occasion(pairing_id, mara.id),
            ).id,
        }
        db.session.commit()
    return ids | _matched(cora, now=now)


def _ended(mara: Member, sol: Member, *, now: datetime) -> UUID:
    pairing_id = make.pairing(mara, sol, Kind.WELLNESS, state=PairingState.ACTIVE)
    with scope.chapter(sol.chapter_id):
        partings.finish(
            my_pairing(pairing_id, member=sol),
            **{"words": "kindword", "why": Why.OTHER, "in_private": "whyword"},
            **{"by": sol, "now": now - timedelta(days=7)},
        )
        db.session.commit()
    return pairing_id


def _met(mara: Member, sol: Member, past: UUID, ahead: UUID, off: UUID, *, now: datetime) -> UUID:
    """What is said around a meeting that was, one that is to be, and one that is called off."""
    for meeting_id in (past, ahead):
        meeting = queries.my_meeting(meeting_id, member=sol)
        line = agendas.add(
            meeting=meeting,
            **{
                "what": "agendaword",
                "kind": ItemKind.READING,
                "link": "https://example.org/linkword",
            },
            **{"by": sol, "now": now},
        )
        for version, (who, words) in enumerate(((sol, "olderword"), (mara, "notesword"))):
            notes.write_shared(meeting=meeting, words=words, seen_version=version, by=who, now=now)
        for who, own in ((mara, "maraown"), (sol, "solown")):
            notes.write_private(meeting=meeting, words=own, by=who, now=now)
    sendings.plan(meeting=meeting, hours_before=24, along="alongword", by=sol, now=now)
    meetings.held(queries.my_meeting(past, member=sol), by=sol, now=now)
    thanks.say(queries.my_meeting(past, member=sol), words="thanksword", by=sol, now=now)
    meetings.cancel(queries.my_meeting(off, member=sol), by=sol, now=now, word="partingword")
    return line.id


def _between_meetings(
    mara: Member, sol: Member, pairing_id: UUID, *, now: datetime
) -> dict[str, UUID]:
    pairing = my_pairing(pairing_id, member=sol)
    check_ins.log(pairing=pairing, by=sol, how=How.STUCK, line="checkinword", now=now)
    item = action_items.take_on(
        **{"pairing_id": pairing_id, "owner": sol, "what": "itemword", "due_on": None},
        **{"by": sol, "now": now},
    )
    action_items.finish(item, came_of_it="outcomeword", by=sol, now=now)
    contact = contacts.log(pairing=pairing, by=sol, way=Way.HALLWAY, now=now)
    db.session.add(
        FitCheck(
            **{"pairing_id": pairing_id, "member_id": sol.id, "answer": Fit.UNSURE},
            **{"line": "fitword", "at": now},
        )
    )
    terms = Terms("oftenword", "waysword", "aimword", "trustword")
    agreements.write(pairing, terms, seen_version=0, by=sol, now=now)
    update = updates.save(
        None,
        **{"words": "updateword", "to": [pairing_id], "lines": {pairing_id: "lineword"}},
        **{"own_address": False, "by": sol, "now": now},
    )
    updates.send(update, lines={}, by=sol, now=now)
    pauses.pause(pairing, why="pauseword", by=sol, now=now)
    pauses.resume(pairing, by=mara, now=now)
    return {"item_id": item.id, "contact_id": contact.id, "update_id": update.id}


def _planned(mara: Member, sol: Member, *, now: datetime) -> dict[str, UUID]:
    """A goal that this mentor sees, and no other."""
    goal = goals.begin(
        what="goalword", how_known="knownword", due_on=date(2026, 6, 1), by=sol, now=now
    )
    step = goals.add_step(goal, what="stepword", by=sol, now=now)
    goals.share(goal, with_all=False, mentor_ids=[mara.id], by=sol, now=now)
    return {"goal_id": goal.id, "step_id": step.id}


def _shown(
    mara: Member, sol: Member, pairing_id: UUID, *, store: Store, now: datetime
) -> dict[str, UUID]:
    """A file that is shown in the pairing, and a comment on it."""
    document = documents.add(
        **{"content": io.BytesIO(made.pdf("fileword")), "file_name": "filenameword.pdf"},
        **{"sort": Sort.STATEMENT, "note": "filenoteword"},
        **{"by": sol, "store": store, "now": now},
    )
    shares.show(document, pairing_id=pairing_id, until=None, by=sol, now=now)
    version = db.session.scalars(
        select(DocumentVersion).where(DocumentVersion.document_id == document.id)
    ).one()
    shares.comment(version, pairing_id=pairing_id, words="commentword", by=mara, now=now)
    return {"document_id": document.id, "version_id": version.id}


def _matched(cora: Member, *, now: datetime) -> dict[str, UUID]:
    """A matching run of their chapter, with a change that was tried."""
    with scope.chapter(cora.chapter_id):
        run_id = runs.start(cycle="2025-26", kinds=list(Kind), by=cora, now=now).id
        db.session.commit()
        runs.work(run_id, draft=1, now=now)
    with scope.chapter(cora.chapter_id):
        attempt_id = attempts.begin(
            run_record(run_id), {"what": "policy", "policy": "stable"}, by=cora, now=now
        ).id
        db.session.commit()
        attempts.work(attempt_id, now=now)
        of_run = select(Proposal.id).where(Proposal.run_id == run_id).limit(1)
        proposal_id = db.session.scalars(of_run).one()
    return {"run_id": run_id, "proposal_id": proposal_id, "attempt_id": attempt_id}
