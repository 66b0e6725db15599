"""For how long a chapter keeps things: what goes, what stays, and what the preview says of it."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, insert, select, text, update

from mentorship.audit.models import AuditEvent
from mentorship.foundation import clock
from mentorship.foundation.database import db
from mentorship.foundation.errors import Refusal
from mentorship.own_data import keeping
from mentorship.own_data.keeping import BATCH, RULES
from mentorship.own_data.models import DataDeed, KeepingRule, Kept
from mentorship.relationships.models import CheckIn
from mentorship.safety import concerns
from mentorship.scheduling.models import Meeting, MeetingState, PrivateNote
from mentorship.tenancy.models import Membership
from tests import make

YEAR = timedelta(days=365)
SEVEN_YEARS = timedelta(days=7 * 366)


@pytest.fixture
def met(lakeside, mara, sol, now):
    """A meeting of two years and a day ago, with words."""
    pairing_id = make.pairing(mara, sol)
    starts_at = now - 2 * YEAR - timedelta(days=2)
    meeting_id = make.meeting(
        mara, sol, pairing_id, starts_at=starts_at, state=MeetingState.HELD, purpose="purposeword"
    )
    return meeting_id


def counts(*, now) -> dict[Kept, tuple[int, int]]:
    return {
        one.rule.kept: (one.now, one.soon) for one in keeping.preview(keeping.months(), now=now)
    }


class TestTidy:
    def test_takes_the_words_of_old_meetings_and_leaves_that_they_were(self, met, sol, inside, now):
        with inside(sol):
            db.session.add(PrivateNote(meeting_id=met, member_id=sol.id, words="ownword"))
        with inside(sol):
            assert counts(now=now)[Kept.MEETING_WORDS] == (1, 0)
            db.session.rollback()
            gone = keeping.tidy(now=now)
            meeting = db.session.scalars(select(Meeting)).one()
            notes = db.session.scalar(select(func.count()).select_from(PrivateNote))

        assert gone == {"meeting_words": 1}
        assert (meeting.purpose, meeting.notes, notes) == ("", "", 0)
        assert meeting.starts_at < now - 2 * YEAR

    def test_leaves_what_is_not_over_yet(self, met, sol, inside, now):
        with inside(sol):
            db.session.execute(
                update(Meeting).values(
                    starts_at=Meeting.starts_at + timedelta(days=20),
                    ends_at=Meeting.ends_at + timedelta(days=20),
                )
            )
        with inside(sol):
            assert counts(now=now)[Kept.MEETING_WORDS] == (0, 1)
            db.session.rollback()
            assert keeping.tidy(now=now) == {}
            assert db.session.scalar(select(Meeting.purpose)) == "purposeword"

    def test_keeps_to_what_the_chapter_chose(self, met, sol, cora, inside, now):
        longer = {rule.kept: rule.months for rule in RULES} | {Kept.MEETING_WORDS: 36}
        with inside(sol):
            keeping.choose(longer, by=cora, now=now)
        with inside(sol):
            assert keeping.tidy(now=now) == {}

    def test_goes_on_in_batches_until_nothing_is_left(self, mara, sol, inside, now):
        pairing_id = make.pairing(mara, sol)
        with inside(sol):
            rows = [
                {
                    **{"chapter_id": sol.chapter_id, "pairing_id": pairing_id, "by_id": sol.id},
                    **{"happened_on": date(2020, 1, 1), "how": "well", "line": f"line {number}"},
                    "created_at": now - 4 * YEAR,
                }
                for number in range(BATCH + 3)
            ]
            db.session.execute(insert(CheckIn), rows)
        with inside(sol):
            assert keeping.tidy(now=now) == {"check_ins": BATCH + 3}
            left = db.session.scalars(select(CheckIn.line).distinct()).all()

        assert left == [""]

    def test_lets_go_of_concerns_that_were_closed_long_ago_and_of_no_other(
        self, mara, sol, inside, now
    ):
        with inside(sol):
            for words in ("old", "open"):
                concerns.report(words=words, about=mara, by=sol, now=now - SEVEN_YEARS)
        with inside(sol):
            db.session.execute(
                text(
                    "UPDATE concerns SET state = 'closed', outcome = 'talked',"
                    " seen_at = at, closed_at = at WHERE words = 'old'"
                )
            )
        with inside(sol):
            # Nobody reads off the page how many there are, or that there is one.
            assert counts(now=now)[Kept.CONCERNS] == (None, None)
            db.session.rollback()
            assert keeping.tidy(now=now) == {"concerns": 1}
            left = db.session.execute(text("SELECT words FROM concerns")).scalars().all()

        assert left == ["open"]

    def test_makes_former_members_of_those_who_left_long_ago(self, sol, inside, now):
        with inside(sol):
            db.session.execute(
                update(Membership).where(Membership.id == sol.id).values(left_at=now - 3 * YEAR)
            )
        with inside(sol):
            assert keeping.tidy(now=now) == {"former_members": 1}
            assert keeping.tidy(now=now) == {}
            name = db.session.scalar(select(Membership.name).where(Membership.id == sol.id))
            profiles = db.session.scalar(text("SELECT count(*) FROM mentee_profiles"))

        assert (name, profiles) == ("Former member", 0)
        # The account may live on in another chapter.
        assert db.session.scalar(text("SELECT count(*) FROM users WHERE email LIKE 'adair%'")) == 1

    def test_leaves_one_deed_with_counts_and_none_for_a_quiet_night(self, met, sol, inside, now):
        with inside(sol):
            keeping.tidy(now=now)
            keeping.tidy(now=now)
            deeds = db.session.scalars(
                select(AuditEvent).where(AuditEvent.deed == DataDeed.TIDIED)
            ).all()

        assert [(deed.by_id, deed.facts) for deed in deeds] == [(None, {"meeting_words": 1})]

    def test_touches_no_other_chapter(self, met, odd, inside, now):
        with inside(odd):
            assert keeping.tidy(now=now) == {}
        assert db.session.scalar(text("SELECT count(*) FROM keeping_rules")) == 0


class TestPreview:
    def test_counts_what_the_night_then_takes(self, met, sol, inside, now):
        with inside(sol):
            foreseen = {kept.value: tonight for kept, (tonight, _) in counts(now=now).items()}
            db.session.rollback()
            gone = keeping.tidy(now=now)

        assert gone == {name: many for name, many in foreseen.items() if many}

    def test_is_two_statements_however_many_kinds_there_are(
        self, met, sol, inside, now, statements
    ):
        with inside(sol), statements() as seen:
            counts(now=now)

        assert len(seen) <= 2


class TestChoose:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kept)
    def test_refuses_what_is_out_of_bounds(self, rule, cora, inside, now):
        usual = {one.kept: one.months for one in RULES}
        with inside(cora):
            for length in (rule.least - 1, rule.most + 1):
                with pytest.raises(Refusal, match=str(rule.least)):
                    keeping.choose(usual | {rule.kept: length}, by=cora, now=now)

    def test_keeps_only_what_differs_and_says_so_once(self, cora, inside, now):
        usual = {one.kept: one.months for one in RULES}
        with inside(cora):
            for _ in range(2):
                keeping.choose(usual | {Kept.HELP: 6}, by=cora, now=now)
            rows = db.session.execute(select(KeepingRule.what, KeepingRule.months)).all()
            deeds = db.session.scalar(
                select(func.count()).where(AuditEvent.deed == DataDeed.KEEPING_SET)
            )

        assert rows == [("help", 6)]
        assert deeds == 1


def test_defaults_are_within_their_bounds_and_can_be_chosen():
    for rule in RULES:
        assert rule.least <= rule.months <= rule.most


def test_the_page_shows_what_would_go_and_looks_without_saving(sign_in, met, cora, inside, now):
    client = sign_in(cora)
    page = client.get("/c/lakeside/settings/keeping").text
    assert "<b>1</b> would go tonight" in page
    usual = {rule.kept.value: rule.months for rule in RULES}

    looked = client.post(
        "/c/lakeside/settings/keeping", data=usual | {"meeting_words": 36, "look": "1"}
    )
    assert looked.status_code == 200
    assert "<b>1</b> would go tonight" not in looked.text
    with inside(cora):
        assert keeping.months()[Kept.MEETING_WORDS] == 24

    saved = client.post("/c/lakeside/settings/keeping", data=usual | {"meeting_words": 36})
    assert saved.status_code == 303
    with inside(cora):
        assert keeping.months()[Kept.MEETING_WORDS] == 36

    wrong = client.post("/c/lakeside/settings/keeping", data=usual | {"meeting_words": 1})
    assert wrong.status_code == 422


def test_the_night_goes_through_every_chapter(met, sol, inside, now):
    from mentorship.jobs import tasks

    assert clock.now() == now
    tasks.tidy_chapters(timestamp=0)

    with inside(sol):
        assert db.session.scalar(select(Meeting.purpose)) == ""
