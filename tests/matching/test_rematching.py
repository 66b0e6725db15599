"""Mid-season: a draft that may end pairings ends as few as it takes, and nothing before it is
published."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.foundation.database import db
from mentorship.matching import marks, publication, queries, rematching, runs
from mentorship.matching.models import Proposal, RunDeed
from mentorship.matching.preferences import Preferences
from mentorship.relationships import pairings
from mentorship.relationships.models import OPEN, Pairing, PairingDeed, PairingState
from mentorship.tenancy import queries as people
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.matching.conftest import CYCLE, gone

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
RUNS = "/c/lakeside/runs"
MOVES = Preferences(rematch=True, moves=True)


def words(answer) -> str:
    """What a page says, on one line, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def there() -> set[tuple]:
    rows = select(Pairing.mentee_id, Pairing.mentor_id, Pairing.kind)
    return {tuple(row) for row in db.session.execute(rows.where(Pairing.state.in_(OPEN)))}


def proposed(run_id) -> set[tuple]:
    rows = select(Proposal.mentee_id, Proposal.mentor_id, Proposal.kind)
    return {tuple(row) for row in db.session.execute(rows.where(Proposal.run_id == run_id))}


@pytest.fixture
def moving(inside, worked, cora, now):
    """Start a run that may move pairings, and have its draft worked out."""

    def moving():
        with inside(cora):
            run = runs.start(
                cycle=CYCLE, kinds=[CAREER, WELLNESS], preferences=MOVES, by=cora, now=now
            )
        return worked(run.id, cora)

    return moving


@pytest.fixture
def again(inside, worked, cora, now):
    def again(run_id):
        with inside(cora):
            runs.rerun(queries.run_record(run_id), by=cora, now=now)
        return worked(run_id, cora)

    return again


@pytest.fixture
def shuffle(lakeside):
    """Ann could be with either mentor and has the one who alone suits Rio, who has nobody.

    Both and their mentors have met; Dee's place is open. Ben is with Dr. Both as well.
    """
    ann = make.student(lakeside, "Ann", wants={CAREER: ()})
    ben = make.student(lakeside, "Ben", wants={CAREER: ()})
    rio = make.student(lakeside, "Rio", wants={WELLNESS: ()})
    both = make.mentor(lakeside, "Dr. Both", offers={CAREER: (), WELLNESS: ()}, places=2)
    one = make.mentor(lakeside, "Dr. Career", offers={CAREER: ()}, places=1)
    for student in (ann, ben):
        make.pairing(both, student, kind=CAREER, state=PairingState.ACTIVE)
    return ann, ben, rio, both, one


class TestADraftThatMayMove:
    def test_moves_one_pairing_so_that_one_more_has_a_mentor(self, inside, moving, shuffle, cora):
        ann, ben, rio, both, one = shuffle
        run_id = moving()

        with inside(cora):
            run = queries.run(run_id)
            (ending,) = map(rematching.Ending.read, run.report["ends"])
            assert (ending.mentor, ending.why) == (both.id, rematching.Why.MOVED)
            assert ending.mentee in (ann.id, ben.id)
            assert proposed(run_id) == {
                (rio.id, both.id, WELLNESS),
                (ending.mentee, one.id, CAREER),
            }
            assert (run.facts["pairs"], run.facts["wanted"], run.facts["left"]) == (2, 2, 0)
            assert run.facts["coverage"] == [["career", 2, 2], ["wellness", 1, 1]]
            loads = {who: counts for who, *counts in run.facts["loads"]}
            assert loads == {str(both.id): [2, 2, 2], str(one.id): [0, 1, 1]}
            assert run.facts["told"] == {
                "mentees": 2,
                "mentors": 2,
                "waiting": 0,
                "parted": 2,
                "people": 4,
            }

    def test_changes_nothing_before_it_is_published(self, inside, moving, shuffle, cora):
        with inside(cora):
            before = there()
        moving()

        with inside(cora):
            assert there() == before

    def test_published_ends_and_begins_at_once_and_tells_both(
        self, inside, moving, publish, work, deeds, shuffle, cora, now, tray
    ):
        ann, ben, rio, both, one = shuffle
        run_id = moving()
        publish(run_id, cora)

        with inside(cora):
            (ending,) = map(rematching.Ending.read, queries.run(run_id).report["ends"])
            moved, stays = (ann, ben) if ending.mentee == ann.id else (ben, ann)
            assert there() == {
                (rio.id, both.id, WELLNESS),
                (moved.id, one.id, CAREER),
                (stays.id, both.id, CAREER),
            }
            ended = db.session.get_one(Pairing, (cora.chapter_id, ending.pairing_id))
            assert (ended.state, ended.ended_at) == (PairingState.ENDED, now)
            assert pairings.places_left([both.user_id, one.user_id]) == {
                both.user_id: 0,
                one.user_id: 0,
            }
            assert (deeds(PairingDeed.ENDED), deeds(RunDeed.PUBLISHED)) == (1, 1)
        work()
        said = [str(mail["Subject"]) for mail in tray.to(moved.email)]
        assert len(said) == 2
        assert any("has come to its end" in subject for subject in said)
        assert len(tray.to(stays.email)) == 0

    def test_ends_nothing_where_everybody_is_kept(self, inside, start, worked, shuffle, cora, now):
        with inside(cora):
            keeps = Preferences(rematch=True)
            run = runs.start(
                cycle=CYCLE, kinds=[CAREER, WELLNESS], preferences=keeps, by=cora, now=now
            )
        worked(run.id, cora)

        with inside(cora):
            facts = queries.run(run.id)
            assert facts.report["ends"] == []
            assert (facts.facts["pairs"], facts.facts["left"]) == (0, 1)

    @pytest.mark.parametrize("state", [PairingState.PAUSED, PairingState.PROPOSED])
    def test_leaves_alone_what_is_paused_or_only_asked_for(
        self, inside, moving, shuffle, cora, state
    ):
        with inside(cora):
            for pairing in db.session.scalars(select(Pairing)):
                pairing.state = state
            db.session.flush()
        run_id = moving()

        with inside(cora):
            assert queries.run(run_id).report["ends"] == []

    def test_never_moves_a_pin(self, inside, moving, again, shuffle, cora, now):
        ann, ben, _, both, _ = shuffle
        run_id = moving()
        with inside(cora):
            for student in (ann, ben):
                about = {"mentee": student, "mentor": both, "kind": CAREER}
                marks.pin(queries.run_record(run_id), **about, by=cora, now=now)
        again(run_id)

        with inside(cora):
            run = queries.run(run_id)
            assert (run.report["ends"], run.facts["pairs"], run.facts["left"]) == ([], 0, 1)
            assert run.facts["broken_pins"] == []

    def test_never_moves_what_was_pinned_when_it_was_published(
        self, inside, draft, moving, again, worked, publish, start, lakeside, cora, now
    ):
        ann = make.student(lakeside, "Ann", wants={CAREER: ()})
        both = make.mentor(lakeside, "Dr. Both", offers={CAREER: (), WELLNESS: ()}, places=1)
        run_id = draft(cora, CAREER)
        with inside(cora):
            about = {"mentee": ann, "mentor": both, "kind": CAREER}
            marks.pin(queries.run_record(run_id), **about, by=cora, now=now)
        publish(again(run_id), cora, draft=2)
        make.student(lakeside, "Rio", wants={WELLNESS: ()})
        make.mentor(lakeside, "Dr. Career", offers={CAREER: ()}, places=1)

        run_id = moving()

        with inside(cora):
            assert queries.run(run_id).report["ends"] == []

    def test_is_not_published_over_a_pin_that_came_after_it(
        self, inside, moving, shuffle, cora, now
    ):
        run_id = moving()
        with inside(cora):
            record = queries.run_record(run_id)
            (ending,) = map(rematching.Ending.read, record.report["ends"])
            before = there()
            marks.pin(
                record,
                mentee=people.member(ending.mentee),
                mentor=people.member(ending.mentor),
                kind=ending.kind,
                by=cora,
                now=now,
            )
            with pytest.raises(publication.KeptAfterAll):
                runs.publish(record, draft=1, by=cora, now=now)
            assert there() == before

    def test_ends_nothing_when_a_pair_cannot_be_made_any_more(
        self, inside, moving, shuffle, cora, now
    ):
        *_, one = shuffle
        run_id = moving()
        with inside(cora):
            before = there()
            gone(one, now)
            with pytest.raises(publication.Impossible):
                runs.publish(queries.run_record(run_id), draft=1, by=cora, now=now)
            db.session.expire_all()
            assert there() == before

    def test_is_published_though_a_pairing_it_ends_has_ended_meanwhile(
        self, inside, moving, shuffle, cora, now
    ):
        run_id = moving()
        with inside(cora):
            record = queries.run_record(run_id)
            (ending,) = map(rematching.Ending.read, record.report["ends"])
            pairing = db.session.get_one(Pairing, (cora.chapter_id, ending.pairing_id))
            pairings.end(pairing, by=cora, now=now - timedelta(hours=1))

            runs.publish(record, draft=1, by=cora, now=now)

            assert len(there()) == 3

    def test_finds_another_mentor_where_one_has_left(self, inside, moving, shuffle, cora, now):
        ann, ben, _, both, one = shuffle
        with inside(cora):
            gone(both, now)
        run_id = moving()

        with inside(cora):
            ends = [rematching.Ending.read(kept) for kept in queries.run(run_id).report["ends"]]
            assert {(one.mentee, one.why) for one in ends} == {(ann.id, "over"), (ben.id, "over")}
            assert {mentor for _, mentor, _ in proposed(run_id)} == {one.id}

    def test_does_not_part_those_who_could_not_be_proposed_today(
        self, inside, lakeside, moving, cora
    ):
        ann = make.student(lakeside, "Ann", wants={CAREER: ()})
        mara = make.mentor(lakeside, "Dr. Wellness", offers={WELLNESS: ()}, places=1)
        make.mentor(lakeside, "Dr. Career", offers={CAREER: ()}, places=1)
        make.student(lakeside, "Rio", wants={WELLNESS: ()})
        make.pairing(mara, ann, kind=CAREER, state=PairingState.ACTIVE)
        run_id = moving()

        with inside(cora):
            assert queries.run(run_id).report["ends"] == []


class TestPages:
    @pytest.fixture
    def client(self, sign_in, cora, now):
        return sign_in(cora)

    def test_lead_from_the_button_to_the_publication(self, client, inside, worked, shuffle, cora):
        sent = client.post(f"{RUNS}/rematch", data={"moves": "1"})
        with inside(cora):
            run_id = queries.run_under_way().id
        worked(run_id, cora)

        page = words(client.get(sent.location))
        assert "1 pairing would end" in page
        assert "Publish 2 pairs, end 1 pairing" in page
        assert "2 people whose pairing ends" in page
        client.post(f"{RUNS}/{run_id}/publication", data={"draft": 1, "looked": "y"})
        with inside(cora):
            assert len(there()) == 3

    def test_let_the_coordinator_keep_a_pairing(self, client, inside, moving, shuffle, cora):
        run_id = moving()
        with inside(cora):
            (ending,) = map(rematching.Ending.read, queries.run(run_id).report["ends"])

        client.post(
            f"{RUNS}/{run_id}/marks",
            data={
                "mentee": ending.mentee,
                "mentor": ending.mentor,
                "kind": "career",
                "mark": "pin",
            },
        )

        assert "You keep it" in words(client.get(f"{RUNS}/{run_id}"))

    def test_let_the_coordinator_give_a_pairing_up(
        self, client, inside, moving, again, shuffle, cora
    ):
        ann, _, _, both, one = shuffle
        run_id = moving()
        with inside(cora):
            chosen = next(
                pairing.id
                for pairing in rematching.movable([CAREER]).values()
                if pairing.mentee_id == ann.id
            )

        empty = client.post(f"{RUNS}/{run_id}/over", data={"pairing": ""})
        assert (empty.status_code, "Choose a pairing." in empty.text) == (422, True)
        sent = client.post(f"{RUNS}/{run_id}/over", data={"pairing": chosen})

        assert sent.status_code == 303
        again(run_id)
        with inside(cora):
            (ending,) = map(rematching.Ending.read, queries.run(run_id).report["ends"])
            assert (ending.mentee, ending.mentor, ending.why) == (ann.id, both.id, "over")
            assert (ann.id, one.id, CAREER) in proposed(run_id)

    def test_keep_what_moves_when_the_settings_change(self, client, inside, moving, shuffle, cora):
        run_id = moving()
        client.post(f"{RUNS}/{run_id}/settings", data={"policy": "best", "keep": "3"})

        with inside(cora):
            assert queries.run(run_id).preferences.moves
            assert not queries.last_preferences().moves
