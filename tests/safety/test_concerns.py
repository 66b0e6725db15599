"""Concerns: who looks into them, who never does, the clock, the trail, and being kept apart."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError

from mentorship.accounts.models import User
from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.foundation.errors import NotYours
from mentorship.relationships import conflicts, pairings
from mentorship.relationships.models import Pairing, PairingState
from mentorship.safety import concerns, days, queries, resources
from mentorship.safety.models import ConcernDeed, ConcernState, ConcernStep, Outcome
from mentorship.safety.resources import Resource
from mentorship.scheduling.models import Meeting, MeetingState
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.conftest import words
from tests.safety.conftest import SECRET

RECEIVED, LOOKED_AT, IN_HAND, CLOSED = ConcernState
NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)


class TestTheClock:
    def test_a_working_day_skips_the_weekend(self):
        friday = datetime(2026, 3, 6, 20, tzinfo=UTC)

        assert days.after(friday, 1, ZoneInfo("America/New_York")) == datetime(
            2026,
            3,
            9,
            19,
            tzinfo=UTC,  # the same wall time, after the clocks went forward
        )

    @given(
        st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
        st.integers(1, 5),
        st.sampled_from(["UTC", "America/Chicago", "Asia/Tokyo"]),
    )
    def test_it_ends_on_a_working_day_after_so_many_of_them(self, instant, many, zone):
        there = ZoneInfo(zone)
        end = days.after(instant, many, there)
        first, last = instant.astimezone(there).date(), end.astimezone(there).date()
        between = [first + timedelta(days=n) for n in range(1, (last - first).days + 1)]

        assert last.weekday() < 5
        assert sum(day.weekday() < 5 for day in between) == many

    def test_the_chapter_sets_how_long_it_is(self, adler, sol, inside, now, reported):
        with inside(adler):
            resources.change([], look_within=3, by=adler, now=now)
        concern_id = reported(sol)

        with inside(sol):
            assert queries.concern(concern_id, member=sol).concern.look_by == now + timedelta(
                days=3
            )


class TestReport:
    def test_leaves_one_step_and_one_deed_without_a_word_of_it(self, adler, sol, inside, reported):
        concern_id = reported(sol)

        with inside(sol):
            [deed] = db.session.scalars(select(AuditEvent)).all()
            [step] = db.session.scalars(select(ConcernStep)).all()
        assert (deed.deed, deed.subject_id, deed.by_id) == (
            ConcernDeed.REPORTED,
            concern_id,
            sol.id,
        )
        assert deed.facts == {}
        assert (step.deed, step.words) == (ConcernDeed.REPORTED, "")

    @pytest.mark.parametrize(
        ("more", "refusal"),
        [
            ({"words": " \n "}, concerns.NothingSaid),
            ({"words": "x" * 100_000}, concerns.TooLong),
            ({"reach": "x" * 201}, concerns.ReachTooLong),
            ({"block": True}, concerns.NobodyNamed),
        ],
    )
    def test_refuses_what_cannot_be_worked_with(self, adler, sol, reported, more, refusal):
        with pytest.raises(refusal):
            reported(sol, **more)

    def test_is_not_about_oneself(self, adler, sol, reported):
        with pytest.raises(concerns.AboutYourself):
            reported(sol, sol)

    def test_can_stop_contact_at_once(self, adler, sol, mara, inside, reported):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        reported(sol, mara, block=True)

        with inside(sol):
            assert conflicts.blocked(mara.id, sol.id)
            assert db.session.get(Pairing, (sol.chapter_id, pairing_id)).state == "ended"


class TestWhoMay:
    @pytest.mark.parametrize("state", list(ConcernState))
    @pytest.mark.parametrize("role", list(Role))
    def test_read_a_concern_is_the_advisor_alone(
        self, lakeside, adler, sol, mara, inside, now, reported, found, role, state
    ):
        somebody = make.member(lakeside, role, name="Some Body")
        concern_id = reported(sol, mara)
        with inside(adler):
            bring_to(state, found(concern_id, adler), by=adler, now=now)

        with inside(somebody):
            if role is Role.ADVISOR:
                assert queries.concern(concern_id, member=somebody).triages
                assert queries.to_look_into(somebody)
            else:
                with pytest.raises(NotYours):
                    queries.concern(concern_id, member=somebody)
                assert queries.to_look_into(somebody) == queries.mine(somebody) == []

    @pytest.mark.parametrize("state", list(ConcernState))
    def test_whoever_reported_it_sees_it_and_looks_into_nothing(
        self, adler, sol, inside, now, reported, found, state
    ):
        concern_id = reported(sol)
        with inside(adler):
            bring_to(state, found(concern_id, adler), by=adler, now=now)
        with inside(sol):
            mine = queries.concern(concern_id, member=sol)
            assert (mine.triages, mine.state) == (False, state)
            for verb in (concerns.look, concerns.take, concerns.pass_on, concerns.reopen):
                with pytest.raises(NotYours):
                    verb(mine, by=sol, now=now)
            with pytest.raises(NotYours):
                concerns.note(mine, words="x", by=sol, now=now)
            with pytest.raises(NotYours):
                concerns.close(mine, outcome=Outcome.NOTHING, by=sol, now=now)
            with pytest.raises(NotYours):
                concerns.keep_apart(mine, by=sol, now=now)

    def test_an_advisor_never_reads_what_is_about_them(self, adler, berg, sol, inside, reported):
        concern_id = reported(sol, adler)

        with inside(adler):
            assert queries.to_look_into(adler) == []
            with pytest.raises(NotYours):
                queries.concern(concern_id, member=adler)
            assert [one.name for one in queries.triagers(concern_id)] == ["Dr. Berg"]

    def test_nor_what_is_about_a_pairing_of_theirs(self, adler, berg, sol, inside, now, reported):
        pairing_id = make.pairing(adler, sol)
        with inside(sol):
            occasion = queries.occasion(sol, pairing_id=pairing_id)
        concern_id = reported(sol, None, occasion=occasion)

        with inside(adler), pytest.raises(NotYours):
            queries.concern(concern_id, member=adler)

    def test_with_nobody_else_it_goes_to_a_network_admin_of_the_chapter(
        self, adler, cora, sol, inside, reported
    ):
        concern_id = reported(sol, adler)
        with inside(sol):
            assert queries.triagers(concern_id) == []
        db.session.execute(
            update(User).where(User.id == cora.user_id).values(is_network_admin=True)
        )
        db.session.commit()

        with inside(cora):
            assert queries.concern(concern_id, member=cora).triages
        about_nobody = reported(sol)
        with inside(cora), pytest.raises(NotYours):  # there the advisor does
            queries.concern(about_nobody, member=cora)
        about_her = reported(sol, cora)
        with inside(cora), pytest.raises(NotYours):
            queries.concern(about_her, member=cora)

    def test_an_advisor_of_another_chapter_does_not(self, adler, odd, sol, inside, reported):
        concern_id = reported(sol)

        assert Role.ADVISOR in odd.roles
        with inside(odd):
            assert queries.to_look_into(odd) == []
            with pytest.raises(NotYours):
                queries.concern(concern_id, member=odd)

    def test_nor_does_sql_as_the_role_of_the_product(
        self, adler, sol, mara, odd, inside, now, found, reported
    ):
        concern_id = reported(sol, mara)
        with inside(adler):
            concerns.look(found(concern_id, adler), by=adler, now=now)
            concerns.keep_apart(found(concern_id, adler), by=adler, now=now)
            resources.change([Resource("Us", "1")], look_within=1, by=adler, now=now)
        tables = ("concerns", "concern_steps", "concern_walls", "separations", "safety_settings")
        for table in tables:
            count = text(f"SELECT count(*) FROM {table}")
            with inside(adler):
                assert db.session.scalar(count) > 0, table
            with inside(odd):
                assert db.session.scalar(count) == 0, table

    @pytest.mark.parametrize("table", ["concern_steps", "concern_walls"])
    @pytest.mark.parametrize("change", ["UPDATE {} SET chapter_id = chapter_id", "DELETE FROM {}"])
    def test_the_trail_and_the_walls_are_only_added_to(
        self, sol, adler, inside, reported, table, change
    ):
        reported(sol, adler)

        with (
            inside(sol),
            pytest.raises(ProgrammingError, match="permission denied"),
            db.session.begin_nested(),
        ):
            db.session.execute(text(change.format(table)))


class TestTriage:
    def test_goes_through_its_states_with_a_step_each(
        self, adler, sol, inside, now, reported, found
    ):
        concern_id = reported(sol)
        with inside(adler):
            one = found(concern_id, adler)
            concerns.look(one, by=adler, now=now)
            concerns.look(one, by=adler, now=now + timedelta(hours=1))
            assert one.concern.seen_at == now
            concerns.take(one, by=adler, now=now)
            concerns.note(one, words="Called the dean", by=adler, now=now)
            concerns.close(one, outcome=Outcome.TALKED, by=adler, now=now)
            concerns.reopen(one, by=adler, now=now)
            assert [step.deed for step in queries.steps(concern_id)] == [
                ConcernDeed.REPORTED,
                ConcernDeed.LOOKED_AT,
                ConcernDeed.TAKEN,
                ConcernDeed.NOTED,
                ConcernDeed.CLOSED,
                ConcernDeed.REOPENED,
            ]

    @pytest.mark.parametrize(
        ("state", "verb"),
        [
            (RECEIVED, concerns.take),
            (RECEIVED, concerns.pass_on),
            (RECEIVED, concerns.keep_apart),
            (CLOSED, concerns.take),
            (CLOSED, concerns.pass_on),
        ],
    )
    def test_nothing_is_done_out_of_turn(
        self, adler, berg, sol, mara, inside, now, reported, found, state, verb
    ):
        concern_id = reported(sol, mara)
        with inside(adler):
            one = found(concern_id, adler)
            bring_to(state, one, by=adler, now=now)
            with pytest.raises(concerns.NotNow):
                verb(one, by=adler, now=now)

    def test_passing_on_hides_it_and_begins_the_clock_anew(
        self, adler, berg, sol, inside, now, reported, found
    ):
        concern_id, later = reported(sol), now + timedelta(days=1)
        with inside(adler):
            one = found(concern_id, adler)
            concerns.look(one, by=adler, now=later)
            concerns.pass_on(one, by=adler, now=later)
            assert one.concern.look_by == later + timedelta(days=1)
            with pytest.raises(NotYours):
                queries.concern(concern_id, member=adler)
        with inside(berg):
            assert queries.concern(concern_id, member=berg).state == RECEIVED

    def test_it_stays_where_nobody_else_could_look(self, adler, sol, inside, now, reported, found):
        concern_id = reported(sol)
        with inside(adler):
            one = found(concern_id, adler)
            concerns.look(one, by=adler, now=now)
            with pytest.raises(concerns.NobodyElse):
                concerns.pass_on(one, by=adler, now=now)
            assert queries.concern(concern_id, member=adler).triages


class TestKeepingApart:
    def test_ends_what_is_open_and_lets_nothing_begin(
        self, adler, sol, mara, inside, now, reported, found
    ):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE)
        meeting_id = make.meeting(mara, sol, pairing_id, starts_at=NEXT_WEEK)
        asked_id = make.meeting(
            *(mara, sol, pairing_id),
            starts_at=NEXT_WEEK + timedelta(hours=2),
            state=MeetingState.REQUESTED,
        )
        concern_id = reported(sol, mara)
        with inside(adler):
            one = found(concern_id, adler)
            concerns.look(one, by=adler, now=now)
            concerns.keep_apart(one, by=adler, now=now)
            concerns.keep_apart(one, by=adler, now=now)

            states = [
                db.session.get(Meeting, (adler.chapter_id, id_)).state
                for id_ in (meeting_id, asked_id)
            ]
            assert states == ["cancelled", "cancelled"]
            assert db.session.get(Pairing, (adler.chapter_id, pairing_id)).state == "ended"
            assert conflicts.blocked(mara.id, sol.id)
            assert conflicts.blocked(sol.id, mara.id)
            with pytest.raises(conflicts.Blocked):
                pairings.begin(mentee=sol, mentor=mara, kind=Kind.CAREER, by=None, now=now)
            deeds = [step.deed for step in queries.steps(concern_id)]
            assert deeds.count(ConcernDeed.KEPT_APART) == 1

    def test_is_lifted_by_whoever_set_it_and_by_nobody_else(
        self, adler, berg, sol, mara, inside, now, reported, found
    ):
        concern_id = reported(sol, mara)
        with inside(adler):
            one = found(concern_id, adler)
            concerns.look(one, by=adler, now=now)
            concerns.keep_apart(one, by=adler, now=now)
        with inside(berg):
            concerns.let_together(found(concern_id, berg), by=berg, now=now)
            assert conflicts.blocked(mara.id, sol.id)
            assert queries.separated_since(sol.id, mara.id, by=berg) is None
        with inside(sol):
            conflicts.lift(other=mara, by=sol, now=now)
            assert conflicts.blocked(mara.id, sol.id)
        with inside(adler):
            concerns.let_together(found(concern_id, adler), by=adler, now=now)
            assert not conflicts.blocked(mara.id, sol.id)

    def test_a_block_of_ones_own_outlasts_it(self, adler, sol, mara, inside, now, reported, found):
        concern_id = reported(sol, mara, block=True)
        with inside(adler):
            one = found(concern_id, adler)
            concerns.look(one, by=adler, now=now)
            concerns.keep_apart(one, by=adler, now=now)
            concerns.let_together(one, by=adler, now=now)
            assert conflicts.blocked(mara.id, sol.id)


class TestMail:
    def test_says_that_there_is_one_and_not_a_word_of_it(
        self, adler, berg, cora, sol, mara, reported, work, tray
    ):
        reported(sol, mara, reach="call after eight")
        work()

        assert len(tray.mails) == 2
        for mail in tray.mails:
            html = mail.get_body(("html",)).get_content()
            said = f"{mail['Subject']} {words(mail)} {html}"
            for word in (SECRET, "Sol", "Mara", "after eight", "It is about"):
                assert word not in said

    def test_goes_to_advisors_and_never_to_whom_it_is_about(
        self, adler, berg, cora, sol, reported, work, tray
    ):
        concern_id = reported(sol, adler)
        work()

        [mail] = tray.mails
        assert berg.email in str(mail["To"])
        assert f"/c/lakeside/concerns/{concern_id}" in words(mail)
        for word in (SECRET, "Sol", "Adler"):
            assert word not in str(mail)

    def test_reminds_three_times_of_what_nobody_has_seen(
        self, adler, sol, reported, work, tray, at, now
    ):
        reported(sol)
        work()
        tray.empty()
        for day in range(1, 9):
            at(now + timedelta(days=day, hours=1))
            work()

        late = [mail["Subject"] for mail in tray.to(adler.email)]
        assert late == ["Still unseen: something in Lakeside EMIG needs you"] * 3

    def test_reminds_of_nothing_that_was_seen(
        self, adler, sol, inside, now, reported, found, work, tray, at
    ):
        concern_id = reported(sol)
        work()
        with inside(adler):
            concerns.look(found(concern_id, adler), by=adler, now=now)
        tray.empty()
        at(now + timedelta(days=5))
        work()

        assert tray.to(adler.email) == []
        [mail] = tray.to(sol.email)
        assert mail["Subject"] == "What you sent in has moved on"


def bring_to(state, found, *, by, now):
    """Have a concern come as far as that."""
    if state != RECEIVED:
        concerns.look(found, by=by, now=now)
    if state == IN_HAND:
        concerns.take(found, by=by, now=now)
    if state == CLOSED:
        concerns.close(found, outcome=Outcome.NOTHING, by=by, now=now)
