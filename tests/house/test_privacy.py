"""What two people say to each other is theirs: no page, file, mail, log or record tells others."""

import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from uuid import UUID

import pytest
from sqlalchemy import inspect, or_, select, text

from mentorship.audit.models import AuditEvent
from mentorship.foundation import schema, storage
from mentorship.foundation.database import db
from mentorship.jobs import tasks
from mentorship.relationships import fit_checks
from mentorship.relationships.models import Fit, PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.scheduling.models import Meeting
from mentorship.tenancy.members import Member
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.house import test_routes
from tests.house.wellness import NEXT_WEEK, PRIVATE, SHARED, WORDS, everything_said
from tests.stage import standing

#: Arguments of addresses that name nothing of a pairing's: none of these exists.
UNRELATED = (
    *("block_id", "session_id", "feed_id", "role_id", "rotation_id", "upload_id"),
    *("export_id", "visit_id", "handover_id"),
)

#: The keys of a form, others each time it is shown.
ONCE = re.compile(r'value="(?:[\w-]{16}|[\w-]+\.[\w.-]+)"')


@pytest.fixture
def log(caplog) -> pytest.LogCaptureFixture:
    """Everything that is logged, from before the first word on."""
    caplog.set_level(logging.DEBUG)
    return caplog


@standing
def said(log, lakeside, mara, sol, cora, now, settings) -> dict[str, UUID]:
    """A wellness pairing in which everything that can be said has been. Its ids, by argument."""
    make.mentor(lakeside)  # somebody whom a run can propose
    ids = everything_said(mara, sol, cora, store=storage.of(settings), now=now)
    assert not told("\n".join(log.messages))  # of the saying itself, which is not logged again
    return ids


@pytest.fixture(params=[*Role, "every role", "her student", "his mentor"])
def somebody(request, lakeside, mara, sol) -> Member:
    """Anybody else of the chapter, the nearest two among them."""
    if request.param == "her student":
        near = make.student(lakeside)
        own_id = make.pairing(mara, near, Kind.WELLNESS, state=PairingState.ACTIVE)
        make.meeting(mara, near, own_id, starts_at=NEXT_WEEK + timedelta(days=2))
    elif request.param == "his mentor":
        near = make.mentor(lakeside)
        own_id = make.pairing(near, sol, Kind.CAREER, state=PairingState.ACTIVE)
        make.meeting(near, sol, own_id, starts_at=NEXT_WEEK + timedelta(days=2))
    elif request.param == "every role":
        near = make.student(lakeside, roles=[role for role in Role if role is not Role.STUDENT])
    elif request.param in (Role.MENTOR, Role.STUDENT):
        near = {Role.MENTOR: make.mentor, Role.STUDENT: make.student}[request.param](lakeside)
    else:
        near = make.member(lakeside, request.param)
    return near


def addresses(
    app, said: dict[str, UUID], own: dict[str, UUID] | None = None, slug: str = "lakeside"
) -> list[str]:
    """Every address of a chapter that can be looked at, of what was said, and of one's own."""
    ids = dict.fromkeys(UNRELATED, UUID(int=7)) | said
    older = ids | {"pairing_id": said["before_id"], "meeting_id": said["past_id"]}
    off = ids | {"meeting_id": said["off_id"]}
    return list(
        dict.fromkeys(
            path
            for named in (ids, older, off, ids | (own or {}))
            for _, _, path in test_routes.requests(app, slug, named, ("GET",))
        )
    )


def everything(
    app,
    client,
    said: dict[str, UUID],
    own: dict[str, UUID] | None = None,
    slug: str = "lakeside",
) -> Iterator[tuple[str, str]]:
    """Every address, each way of looking at it, and all that it answers."""
    for path in addresses(app, said, own, slug):
        yield path, whole(client.get(path))
        query = f"{path}?q=word&kind=wellness&version=1&with={said['mentor_id']}"
        yield query, whole(client.get(query, headers={"HX-Request": "true"}))


def whole(answer) -> str:
    """The headers and the body of an answer."""
    return f"{answer.headers}{answer.get_data().decode(errors='replace')}"


def in_full(mail: EmailMessage) -> str:
    """The headers of a mail and each of its parts, as they read."""
    parts = [part for part in mail.walk() if not part.is_multipart()]
    read = [part.get_payload(decode=True).decode(errors="replace") for part in parts]
    return "\n".join([*(f"{name}: {value}" for name, value in mail.items()), *read])


def logged(log: pytest.LogCaptureFixture) -> str:
    """What was logged since the first word; what the mail server of the tests logs is not ours."""
    records = [*log.get_records("setup"), *log.get_records("call")]
    return "\n".join(record.getMessage() for record in records if record.name != "mail.log")


def told(read: str, those: tuple[str, ...] = WORDS) -> set[str]:
    """Which of the words are in it."""
    return {word for word in those if word in read.lower()}


@pytest.fixture
def own(somebody, inside) -> dict[str, UUID]:
    """A meeting of somebody's with one of the two, and its pairing, by argument; or nothing."""
    part = or_(Meeting.mentee_id == somebody.id, Meeting.mentor_id == somebody.id)
    with inside(somebody):
        found = db.session.execute(select(Meeting.id, Meeting.pairing_id).where(part)).first()
    return {"meeting_id": found.id, "pairing_id": found.pairing_id} if found else {}


def test_nobody_else_of_the_chapter_reads_a_word(app, said, somebody, own, sign_in, log):
    for path, page in everything(app, sign_in(somebody), said, own):
        assert not told(page), path
    assert not told(logged(log))


def test_whoever_is_not_signed_in_reads_none(app, said, log):
    for path, page in everything(app, app.test_client(), said):
        assert not told(page), path
    assert not told(logged(log))


@pytest.mark.parametrize("slug", ["lakeside", "elsewhere"])
def test_somebody_of_another_chapter_reads_none(app, said, odd, sign_in, slug):
    for path, page in everything(app, sign_in(odd), said, slug=slug):
        assert not told(page), path


@pytest.mark.parametrize("somebody", [Role.STUDENT, Role.COORDINATOR], indirect=True)
def test_looking_for_a_word_finds_what_looking_for_any_other_does(app, said, somebody, sign_in):
    client = sign_in(somebody)

    def found(path: str, word: str) -> str:
        page = client.get(path, query_string={"q": word}).text
        return ONCE.sub("", page.replace(word, "…"))

    pages = [path for path in addresses(app, said) if "…" in found(path, "nothingword")]
    assert pages
    for path in pages:
        nothing = found(path, "nothingword")
        for word in WORDS:
            assert found(path, word) == nothing, f"{path} {word}"


@pytest.mark.parametrize("mine", ["mara", "sol"])
def test_the_two_read_what_they_share_and_nobodys_own_but_theirs(
    app, said, mara, sol, sign_in, mine
):
    me, other = ({"mara": mara, "sol": sol}[mine], "sol" if mine == "mara" else "mara")
    read = told(" ".join(page for _, page in everything(app, sign_in(me), said)))

    sent_by_mail = {"updateword", "lineword"} if mine == "mara" else set()
    assert set(SHARED) - sent_by_mail <= read
    assert PRIVATE[mine][0] in read
    assert not read & set(PRIVATE[other])


def test_a_line_to_the_coordinators_is_refused(said, sol, inside, now):
    with inside(sol):
        pairing = my_pairing(said["pairing_id"], member=sol)
        with pytest.raises(fit_checks.StaysBetweenTheTwo):
            fit_checks.answer(pairing, Fit.UNSURE, line="fitword", by=sol, now=now)


def test_no_record_of_the_trail_and_no_job_holds_a_word(said, sol, inside):
    with inside(sol):
        facts = [json.dumps(event.facts) for event in db.session.scalars(select(AuditEvent))]
        jobs = list(db.session.scalars(text("SELECT args::text FROM procrastinate_jobs")))

    assert facts
    assert jobs
    assert not told(" ".join((*facts, *jobs)))


def test_no_mail_holds_a_word_but_an_update_to_its_mentor(
    said, lakeside, mara, sol, cora, log, tray, work, at, now
):
    make.pairing(make.mentor(lakeside), sol, Kind.APPLICATION, state=PairingState.ACTIVE)
    moments = (timedelta(hours=1), timedelta(days=6, hours=2), timedelta(days=37))
    for later in (now + after for after in moments):
        at(later)
        for due in (tasks.send_agendas, tasks.look_for_nudges, tasks.send_due_nudges):
            due(0)
            work(until=later)

    assert {mara.email, sol.email, cora.email} <= {str(mail["To"]) for mail in tray.mails}
    [update] = [mail for mail in tray.mails if "updateword" in in_full(mail)]
    assert str(update["To"]) == mara.email
    assert told(in_full(update)) == {"updateword", "lineword"}
    for mail in tray.mails:
        if mail is not update:
            assert not told(in_full(mail)), mail["Subject"]
    assert not told(logged(log))


def tables_with(words: tuple[str, ...]) -> dict[str, set[str]]:
    """Where the words stand in what the database shows now, files' bytes among them."""
    found = {}
    for table in inspect(db.session.connection()).get_table_names():
        rows = db.session.scalars(text(f'SELECT row_to_json(t)::text FROM "{table}" t'))
        read = " ".join(rows).lower()
        found[table] = {word for word in words if word in read or word.encode().hex() in read}
    return {table: words for table, words in found.items() if words}


def test_the_role_of_the_product_finds_them_in_their_chapter_only(said, sol, odd, inside):
    with inside(sol):
        assert db.session.scalar(text("SELECT current_user")) == schema.ROLE
        assert set().union(*tables_with(WORDS).values()) == set(WORDS)

    assert not tables_with(WORDS)
    db.session.commit()
    with inside(odd):
        assert not tables_with(WORDS)


def test_in_another_chapter_nothing_of_this_one_shows(app, said, mara, sol, sign_in):
    there = make.chapter("harborside")
    for who, role in ((mara, Role.MENTOR), (sol, Role.STUDENT)):
        make.member(there, role, Role.COORDINATOR, name="Same Person", email=who.email)
    for who in (mara, sol):
        client = sign_in(who)
        for path, page in everything(app, client, said, slug="harborside"):
            assert not told(page), path
            for word in (str(said["pairing_id"]), "Mara Quist", "Sol Adair"):
                assert word not in page, path
