import re
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from mentorship.foundation.database import db
from mentorship.matching import queries, review, runs
from mentorship.matching.engine import explain
from mentorship.matching.models import RunState
from mentorship.relationships.models import Pairing
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.matching.conftest import CYCLE

CAREER, CONTENT, APPLICATION, WELLNESS = Kind
RUNS = "/c/lakeside/runs"
PART = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def ada(lakeside):
    """The faculty advisor: sees runs, and works none."""
    return make.member(lakeside, Role.ADVISOR, name="Dr. Ada Lind")


@pytest.fixture
def client(sign_in, cora, now):
    return sign_in(cora)


def words(answer) -> str:
    """What a page says, on one line, without its markup."""
    plain = re.sub(r"<[^>]+>", " ", answer.text)
    return re.sub(r"\s+", " ", plain.replace("&#39;", "'"))


def alive() -> None:
    """Have a worker give a sign of life."""
    db.session.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())"))
    db.session.commit()


class TestRuns:
    def test_an_empty_chapter_is_told_what_a_run_needs_first(self, client):
        page = client.get(RUNS)

        assert "no student looks for a mentor and no mentor offers anything yet" in words(page)
        assert 'href="/c/lakeside/people/import"' in page.text
        assert 'href="/c/lakeside/runs/new"' not in page.text

    def test_a_chapter_with_people_is_offered_its_first_run(self, client, mara, sol):
        page = client.get(RUNS)

        assert "nobody is told anything until you publish" in words(page)
        assert 'href="/c/lakeside/runs/new"' in page.text

    def test_lists_each_run_with_its_state_and_counts(self, client, inside, draft, mara, sol, cora):
        run_id = draft(cora)

        page = client.get(RUNS)

        assert f'href="{RUNS}/{run_id}"' in page.text
        assert "Run 1 Cycle 2025–26" in words(page)
        assert "In review Career, Content, Application and Wellness 1 3" in words(page)
        assert f'href="{RUNS}/new"' not in page.text

    @pytest.mark.parametrize("before", ["-1", "0", "1", "x"])
    def test_of_an_empty_chapter_takes_any_page_too(self, client, before):
        assert client.get(f"{RUNS}?before={before}").status_code == 200

    @pytest.mark.parametrize("before", ["1", "x", "-5", "9" * 20, "-" + "9" * 20, "0"])
    def test_takes_any_page_that_is_asked_for(self, client, draft, mara, sol, cora, before):
        draft(cora)
        assert client.get(f"{RUNS}?before={before}").status_code == 200


class TestStart:
    def test_offers_the_cycle_of_today_and_says_what_speaks_for_each_kind(
        self, client, lakeside, mara, sol
    ):
        make.student(lakeside, wants={CAREER: ()})
        page = client.get(f"{RUNS}/new")

        assert '<option selected value="2025-26">' in page.text
        assert "2 students look for one, 1 mentor offers it, 3 places free" in words(page)
        assert "1 student looks for one, 1 mentor offers it, 3 places free" in words(page)

    def test_starts_a_run_and_goes_to_its_page(self, client, inside, mara, sol, cora):
        sent = client.post(f"{RUNS}/new", data={"cycle": CYCLE, "kinds": ["wellness", "career"]})

        with inside(cora):
            [run], _ = queries.runs()
        assert (sent.status_code, sent.location) == (303, f"{RUNS}/{run.id}")
        assert run.kinds == (CAREER, WELLNESS)

    def test_pressed_twice_starts_one_run(self, client, inside, mara, sol, cora):
        form = {"cycle": CYCLE, "kinds": ["career"], "form_key": "once"}

        first = client.post(f"{RUNS}/new", data=form)
        second = client.post(f"{RUNS}/new", data=form)

        assert (first.status_code, second.status_code) == (303, 303)
        assert first.location == second.location
        with inside(cora):
            assert len(queries.runs()[0]) == 1

    @pytest.mark.parametrize(
        ("form", "sentence"),
        [
            ({"cycle": CYCLE}, "Choose at least one kind of mentor."),
            ({"kinds": ["career"]}, "Choose a cycle from the list."),
            ({"cycle": "1999-00", "kinds": ["career"]}, "Choose a cycle from the list."),
            ({"cycle": "🚑‮'", "kinds": ["career"]}, "Choose a cycle from the list."),
            ({"cycle": CYCLE, "kinds": ["career", "sponsor"]}, "Choose kinds from the list."),
            ({"cycle": CYCLE, "kinds": ["\x00"]}, "Choose kinds from the list."),
            ({"cycle": "x" * 10_000, "kinds": ["career"]}, "Choose a cycle from the list."),
        ],
    )
    def test_says_beside_the_field_what_is_wrong(
        self, client, inside, mara, sol, cora, form, sentence
    ):
        answer = client.post(f"{RUNS}/new", data=form)

        assert answer.status_code == 422
        assert sentence in words(answer)
        with inside(cora):
            assert queries.runs() == ([], False)

    def test_keeps_what_was_chosen(self, client, mara, sol):
        answer = client.post(f"{RUNS}/new", data={"cycle": "1999-00", "kinds": ["wellness"]})

        assert 'value="wellness" checked' in answer.text
        assert 'value="career" checked' not in answer.text

    def test_says_which_run_stands_in_the_way(self, client, draft, mara, sol, cora):
        draft(cora)

        assert "Run 1 is still under way" in words(client.get(f"{RUNS}/new"))
        answer = client.post(f"{RUNS}/new", data={"cycle": CYCLE, "kinds": ["career"]})
        assert answer.status_code == 422
        assert "Finish or discard run 1 first." in words(answer)

    def test_says_what_is_missing(self, client, sol):
        answer = client.post(f"{RUNS}/new", data={"cycle": CYCLE, "kinds": ["career"]})

        assert answer.status_code == 422
        assert "No mentor offers any of these kinds yet." in words(answer)


class TestAtWork:
    @pytest.fixture
    def run_id(self, start, mara, sol, cora):
        return start(cora)

    def test_asks_for_itself_until_it_is_done(self, client, worked, run_id, cora):
        page = f"{RUNS}/{run_id}"

        assert f'hx-get="{page}" hx-trigger="every 2s"' in client.get(page).text
        part = client.get(page, headers=PART)
        assert 'hx-trigger="every 2s"' in part.text
        assert "<html" not in part.text
        assert "HX-Request-Type" in part.headers["Vary"]

        worked(run_id, cora)
        done = client.get(page, headers=PART)
        assert "every 2s" not in done.text
        assert "<title>Run 1, draft 1 · Curbside</title>" in done.text

    def test_has_a_link_for_those_without_script(self, client, run_id):
        page = client.get(f"{RUNS}/{run_id}")

        assert f'<noscript><p><a class="btn" href="{RUNS}/{run_id}">Look again' in page.text

    def test_says_that_it_waits_when_nothing_works(self, client, run_id):
        assert "It is still waiting" in words(client.get(f"{RUNS}/{run_id}"))
        alive()
        assert "It is still waiting" not in words(client.get(f"{RUNS}/{run_id}"))

    def test_says_each_step_with_its_detail(self, client, inside, run_id, cora):
        alive()
        with inside(cora):
            run = queries.run_record(run_id)
            run.state, run.step, run.done = RunState.RUNNING, "pairing", 45
            run.started_at = run.created_at
            run.facts = {
                "steps": {
                    "reading": "1 student and 1 mentor",
                    "rules": "4 possible pairs",
                    "pairing": "4 requests",
                }
            }

        page = client.get(f"{RUNS}/{run_id}")

        assert '<progress value="45" max="100"' in page.text
        assert "Read 1 student and 1 mentor" in words(page)
        assert "Finding the best set of pairs for 4 requests" in words(page)
        assert "Step 3 of 4" in words(page)

    def test_is_stopped_with_one_button(self, client, inside, run_id, cora):
        sent = client.post(f"{RUNS}/{run_id}/discard")

        assert (sent.status_code, sent.location) == (303, RUNS)
        assert "Run 1 is discarded. Nobody was told of it." in words(client.get(RUNS))
        with inside(cora):
            assert queries.run(run_id).state is RunState.DISCARDED
        assert "This run was discarded." in words(client.get(f"{RUNS}/{run_id}"))

    def test_that_failed_says_what_to_do(self, client, inside, run_id, cora):
        with inside(cora):
            run = queries.run_record(run_id)
            run.state, run.step = RunState.FAILED, runs.WENT_WRONG

        page = client.get(f"{RUNS}/{run_id}")

        assert "This draft did not finish" in words(page)
        assert runs.WENT_WRONG in words(page)
        sent = client.post(f"{RUNS}/{run_id}/drafts")
        assert (sent.status_code, sent.location) == (303, f"{RUNS}/{run_id}")
        with inside(cora):
            assert queries.run(run_id).draft == 2


class TestReview:
    @pytest.fixture
    def run_id(self, lakeside, draft, mara, sol, cora):
        """Sol with Mara for one kind of four; Rio with nobody."""
        make.student(lakeside, "Rio O'Dell", wants={CONTENT: ("wilderness",)}, interests=())
        return draft(cora)

    @pytest.fixture
    def pair(self, inside, run_id, cora):
        with inside(cora):
            [pair], _ = review.pairs(run_id, review.Shown())
        return pair

    def mark(self, client, run_id, pair, mark, query="", **more):
        form = {"mentee": pair.mentee_id, "mentor": pair.mentor_id, "kind": pair.kind.value}
        return client.post(f"{RUNS}/{run_id}/marks{query}", data=form | {"mark": mark} | more)

    def test_shows_pairs_with_their_reasons_and_whom_it_leaves_out(self, client, run_id, pair):
        page = client.get(f"{RUNS}/{run_id}")

        said = words(page)
        assert "Sol Adair M3" in said
        assert f"{pair.fit} {pair.strength}" in said
        for reason in pair.reasons:
            assert f"{reason['points']} of {reason['of']}" in said
            assert reason["words"] in said
        assert "1 pairs proposed, from 5 requests" not in said
        assert "pairs proposed, from 5 requests 1" in said
        assert "No mentor in this chapter offers wilderness medicine." in said
        left = said[said.index("Left over, with the reason") :]
        assert left.index("Rio O'Dell Content Has nobody") < left.index("Sol Adair")
        assert "Proven best under your rules" in said
        assert 'aria-label="1 of 3 places in use"' in page.text

    def test_pins_and_takes_back(self, client, run_id, pair):
        sent = self.mark(client, run_id, pair, "pin")

        assert (sent.status_code, sent.location) == (303, f"{RUNS}/{run_id}#pairs")
        page = client.get(f"{RUNS}/{run_id}")
        assert "1 pair pinned" in words(page)
        assert "Run again with 1 change" in words(page)
        assert 'aria-pressed="true"' in page.text

        self.mark(client, run_id, pair, "none")
        page = client.get(f"{RUNS}/{run_id}")
        assert "pinned" not in words(page).replace("Pinned or set aside", "")
        assert "Run again Settings Discard" in words(page)

    def test_sets_aside_and_offers_no_publishing_then(self, client, run_id, pair):
        self.mark(client, run_id, pair, "exclude")

        page = client.get(f"{RUNS}/{run_id}")

        assert "Set aside for the next draft" in words(page)
        assert "1 pair of this draft is set aside. Run again" in words(page)
        assert f'href="{RUNS}/{run_id}/publication"' not in page.text

    def test_a_mark_through_htmx_answers_with_the_part_alone(self, client, run_id, pair):
        form = {"mentee": pair.mentee_id, "mentor": pair.mentor_id, "kind": pair.kind.value}
        part = client.post(
            f"{RUNS}/{run_id}/marks?show=weakest",
            data=form | {"mark": "pin"},
            headers=PART,
            follow_redirects=True,
        )

        assert part.status_code == 200
        assert "<html" not in part.text
        assert 'id="run"' in part.text
        assert "weakest first" in words(part)

    def test_a_mark_keeps_what_was_asked_to_be_seen(self, client, run_id, pair):
        sent = self.mark(client, run_id, pair, "pin", "?kind=career&show=weakest&other=1")

        assert sent.location == f"{RUNS}/{run_id}?kind=career&show=weakest#pairs"

    def test_a_mark_that_comes_too_late_is_refused_in_words(
        self, client, publish, run_id, pair, cora
    ):
        publish(run_id, cora)

        answer = self.mark(client, run_id, pair, "pin")

        assert answer.status_code == 422
        assert "Run 1 was published already." in words(answer)

    @pytest.mark.parametrize("field", ["mentee", "mentor", "kind", "mark"])
    @pytest.mark.parametrize(
        "value", ["", "x", "\x00", "٣", "11111111-1111-1111-1111-111111111111"]
    )
    def test_a_mark_of_what_is_not_there_is_not_found(
        self, client, inside, run_id, pair, cora, field, value
    ):
        form = {"mentee": pair.mentee_id, "mentor": pair.mentor_id, "kind": pair.kind.value}

        answer = client.post(f"{RUNS}/{run_id}/marks", data=form | {"mark": "pin"} | {field: value})

        assert answer.status_code == 404
        with inside(cora):
            assert review.marks(run_id) == []

    @pytest.mark.parametrize("field", ["mentee", "mentor"])
    def test_a_mark_of_somebody_of_another_chapter_is_not_found(
        self, client, run_id, pair, odd, field
    ):
        answer = self.mark(client, run_id, pair, "pin", **{field: odd.id})

        assert answer.status_code == 404

    def test_filters_by_what_is_asked_and_ignores_what_it_does_not_know(self, client, run_id):
        page = f"{RUNS}/{run_id}"

        assert "No pair fits these filters" in words(client.get(f"{page}?q=nobody"))
        assert "Sol Adair M3" in words(client.get(f"{page}?q=sol"))
        for odd in ("kind=x", "show=x", "after=x", "left=x", "q=%00%F0%9F%9A%91", "q=" + "x" * 999):
            assert client.get(f"{page}?{odd}").status_code == 200
        assert "Sol Adair M3" in words(client.get(f"{page}?kind=x&show=x&after=76-x"))

    def test_runs_again_and_says_why_it_cannot(self, client, inside, run_id, cora):
        assert client.post(f"{RUNS}/{run_id}/drafts").location == f"{RUNS}/{run_id}"
        again = client.post(f"{RUNS}/{run_id}/drafts")

        assert again.status_code == 422
        assert "Draft 2 of run 1 is not ready yet." in words(again)

    def test_shows_a_broken_pin_with_its_reason(
        self, client, inside, run_id, worked, pair, lakeside, cora, now
    ):
        paused = make.mentor(lakeside, "Dr. Paused", paused=True)
        form = {"mentee": pair.mentee_id, "mentor": paused.id, "kind": "career", "mark": "pin"}
        client.post(f"{RUNS}/{run_id}/marks", data=form)
        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)

        page = client.get(f"{RUNS}/{run_id}")

        assert "Pinned, but not in this draft. This mentor is paused." in words(page)
        assert "Run again Settings Discard" in words(page)

    def test_shows_everyone_left_out_when_asked(self, client, lakeside, draft, cora):
        for number in range(review.LEFT + 3):
            make.student(lakeside, f"Left {number}", wants={CONTENT: ("ems",)}, interests=())
        make.mentor(lakeside, offers={CAREER: ()})
        run_id = draft(cora)

        few = words(client.get(f"{RUNS}/{run_id}"))
        every = words(client.get(f"{RUNS}/{run_id}?left=all"))

        assert few.count("offers EMS") == review.LEFT
        assert every.count("offers EMS") == review.LEFT + 3


class TestWhyNot:
    @pytest.fixture
    def run_id(self, draft, mara, sol, cora):
        return draft(cora, CAREER)

    def ask(self, client, run_id, mentee, mentor, kind="career"):
        return client.get(
            f"{RUNS}/{run_id}/why-not?mentee={mentee.id}&mentor={mentor.id}&kind={kind}"
        )

    def test_says_what_stands_between_two_people(self, client, lakeside, run_id, sol):
        paused = make.mentor(lakeside, "Dr. Paused", paused=True)

        answer = self.ask(client, run_id, sol, paused)

        assert "Sol Adair with Dr. Paused" in words(answer)
        assert "This mentor is paused." in words(answer)
        assert "Pin this pair" not in answer.text

    def test_names_who_is_proposed_instead_and_offers_a_pin(self, client, lakeside, run_id, sol):
        other = make.mentor(lakeside, "Dr. Other")

        answer = self.ask(client, run_id, sol, other)

        assert "Another career mentor is proposed" in words(answer)
        assert "Sol Adair with Dr. Mara Quist, career" in words(answer)
        assert "Pin this pair" in answer.text

    def test_says_when_they_are_paired(self, client, run_id, sol, mara):
        assert "They are paired in this run." in words(self.ask(client, run_id, sol, mara))

    def test_says_when_somebody_takes_no_part(self, client, lakeside, run_id, mara):
        bare = make.student(lakeside, "Bare", wants={})

        answer = self.ask(client, run_id, bare, mara)

        assert "One of these two people takes no part in this run." in words(answer)

    def test_asks_for_both_people_first(self, client, run_id, sol):
        page = f"{RUNS}/{run_id}/why-not"

        assert client.get(page).status_code == 200
        chosen = client.get(f"{page}?mentee={sol.id}&kind=career")
        assert f'selected value="{sol.id}"' in chosen.text
        assert "Choose a mentor." not in words(chosen)
        assert "Choose a mentor." in words(
            client.get(f"{page}?mentee={sol.id}&mentor=&kind=career")
        )

    def test_says_that_a_kind_is_not_of_this_run(self, client, run_id, sol, mara):
        answer = self.ask(client, run_id, sol, mara, kind="x")

        assert answer.status_code == 200
        assert "Choose a kind from the list." in words(answer)

    @pytest.mark.parametrize("side", ["mentee", "mentor"])
    @pytest.mark.parametrize("value", ["x", str(UUID(int=7))])
    def test_knows_nobody_who_is_not_there(self, client, run_id, side, value):
        assert client.get(f"{RUNS}/{run_id}/why-not?{side}={value}").status_code == 404

    def test_knows_nobody_of_another_chapter(self, client, run_id, sol, odd):
        assert self.ask(client, run_id, sol, odd).status_code == 404
        assert self.ask(client, run_id, odd, sol).status_code == 404

    def test_goes_to_the_run_when_it_is_not_in_review(self, client, inside, run_id, cora):
        with inside(cora):
            queries.run_record(run_id).state = RunState.PUBLISHED

        assert client.get(f"{RUNS}/{run_id}/why-not").location == f"{RUNS}/{run_id}"

    def test_says_the_same_of_a_kept_draft_as_the_engine_said_of_its_own(
        self, inside, lakeside, draft, cora, now
    ):
        students = [make.student(lakeside) for _ in range(4)]
        mentors = [make.mentor(lakeside, places=1) for _ in range(2)]
        run_id = draft(cora)
        from mentorship.matching import problems
        from mentorship.matching.engine import solve

        with inside(cora):
            problem = problems.of_run(run_id, list(Kind), now=now)
            whole = [pair.fit for pair in solve.pair(problem, seed=1).pairs]
            for one in students:
                for other in mentors:
                    kept = review.proposed_around(run_id, mentee_id=one.id, mentor_id=other.id)
                    about = {"mentee": one.id, "mentor": other.id, "kind": CAREER}
                    assert explain.why_not(problem, kept, **about) == explain.why_not(
                        problem, whole, **about
                    )


class TestPublish:
    @pytest.fixture
    def run_id(self, draft, mara, sol, cora):
        return draft(cora, CAREER)

    def test_asks_once_more_and_names_how_many_are_told(self, client, run_id):
        for page in (f"{RUNS}/{run_id}", f"{RUNS}/{run_id}/publication"):
            said = words(client.get(page))
            assert "Publish 1 pair?" in said
            assert (
                "2 people get an email in the next ten minutes: 1 student and 1 mentor with a new"
                " pairing. It cannot be unsent." in said
            )

    def test_makes_the_pairings_and_shows_what_was_published(
        self, client, inside, run_id, mara, sol, cora
    ):
        sent = client.post(f"{RUNS}/{run_id}/publication", data={"draft": 1})

        assert (sent.status_code, sent.location) == (303, f"{RUNS}/{run_id}")
        page = client.get(sent.location)
        assert "Published. 2 people get an email in the next ten minutes." in words(page)
        assert "Run 1, published" in words(page)
        assert "Sol Adair M3" in words(page)
        for gone in ("marks", "publication", "drafts", "discard"):
            assert f"{RUNS}/{run_id}/{gone}" not in page.text
        with inside(cora):
            assert db.session.scalar(select(Pairing.kind)) == CAREER

    def test_pressed_twice_publishes_once(self, client, inside, run_id, cora):
        form = {"draft": 1, "form_key": "once"}

        first = client.post(f"{RUNS}/{run_id}/publication", data=form)
        second = client.post(f"{RUNS}/{run_id}/publication", data=form)
        third = client.post(f"{RUNS}/{run_id}/publication", data=form | {"form_key": "again"})

        assert (first.status_code, second.status_code, third.status_code) == (303, 303, 422)
        assert "Run 1 was published already. Nobody was told twice." in words(third)
        with inside(cora):
            assert len(db.session.scalars(select(Pairing.id)).all()) == 1

    def test_refuses_a_draft_that_was_overtaken(self, client, worked, run_id, cora):
        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)

        answer = client.post(f"{RUNS}/{run_id}/publication", data={"draft": 1})

        assert answer.status_code == 422
        assert "Its draft is number 2 now: look at that one first." in words(answer)
        # Nor is the other one offered, which nobody has looked at.
        assert "Publish and send" not in answer.text
        page = client.get(f"{RUNS}/{run_id}/publication?draft=1")
        assert re.search(r'name="draft"[^>]*value="1"', page.text)

    def test_refuses_when_the_world_has_changed_and_says_what_to_do(
        self, client, inside, lakeside, run_id, mara, sol, cora
    ):
        make.pairing(mara, sol, CAREER)

        answer = client.post(f"{RUNS}/{run_id}/publication", data={"draft": 1})

        assert answer.status_code == 422
        assert "One pair of this draft cannot be made anymore. Sol Adair with" in words(answer)
        assert "Run again to find the best draft without it." in words(answer)

    @pytest.mark.parametrize("given", ["", "x", "-1", "99999999999", "1.5", "\x00"])
    def test_asks_which_draft_was_looked_at(self, client, inside, run_id, cora, given):
        answer = client.post(f"{RUNS}/{run_id}/publication", data={"draft": given})

        assert answer.status_code == 422
        assert "Open the draft again, and publish it from there." in words(answer)
        with inside(cora):
            assert queries.run(run_id).state is RunState.REVIEW

    def test_asks_whether_the_marked_pairs_were_looked_at(
        self, client, inside, run_id, worked, lakeside, sol, cora
    ):
        other = make.mentor(lakeside, "Dr. Other", offers={WELLNESS: ()})
        form = {"mentee": sol.id, "mentor": other.id, "kind": "career", "mark": "pin"}
        client.post(f"{RUNS}/{run_id}/marks", data=form)
        client.post(f"{RUNS}/{run_id}/drafts")
        worked(run_id, cora)
        publication = f"{RUNS}/{run_id}/publication"

        blind = client.post(publication, data={"draft": 2})
        assert blind.status_code == 422
        assert "Look at the marked pairs first, and say so here." in words(blind)
        looked = client.post(publication, data={"draft": 2, "looked": "y"})
        assert looked.status_code == 303

    def test_says_that_an_empty_draft_has_nothing_to_publish(self, client, lakeside, draft, cora):
        make.student(lakeside, wants={CONTENT: ("ems",)}, interests=())
        make.mentor(lakeside, offers={CONTENT: ("airway",)}, interests=())
        run_id = draft(cora, CONTENT)

        page = client.get(f"{RUNS}/{run_id}")
        assert "No pair could be proposed" in words(page)
        assert "there is nothing to publish" in words(page)
        answer = client.post(f"{RUNS}/{run_id}/publication", data={"draft": 1})
        assert answer.status_code == 422

    def test_shows_a_student_nothing_before_and_the_pairing_after(
        self, client, sign_in, run_id, sol, mara
    ):
        student = sign_in(sol)
        assert "Mara Quist" not in student.get("/c/lakeside/pairings").text

        client.post(f"{RUNS}/{run_id}/publication", data={"draft": 1})

        assert "Mara Quist" in student.get("/c/lakeside/pairings").text


class TestDiscard:
    def test_asks_once_more(self, client, inside, draft, mara, sol, cora):
        run_id = draft(cora)

        assert "Discard run 1?" in words(client.get(f"{RUNS}/{run_id}/discard"))
        with inside(cora):
            assert queries.run(run_id).state is RunState.REVIEW
        assert client.post(f"{RUNS}/{run_id}/discard").status_code == 303
        again = client.post(f"{RUNS}/{run_id}/discard")
        assert again.status_code == 422
        assert "Run 1 was discarded." in words(again)


class TestWhoMay:
    READS = ("", "/{id}", "/{id}/why-not")
    WORKS = ("/new", "/{id}/publication", "/{id}/discard")
    POSTS = ("/new", "/{id}/drafts", "/{id}/marks", "/{id}/publication", "/{id}/discard")

    @pytest.fixture
    def run_id(self, draft, mara, sol, cora):
        return draft(cora)

    @pytest.fixture(params=["student", "mentor", "officer", "outsider"])
    def stranger(self, request, lakeside, odd):
        if request.param == "outsider":
            return odd, 404
        return make.member(lakeside, Role(request.param)), 403

    def test_others_see_nothing_and_change_nothing(self, sign_in, inside, run_id, stranger, cora):
        who, status = stranger
        client = sign_in(who)
        for path in self.READS + self.WORKS:
            answer = client.get(RUNS + path.format(id=run_id))
            assert answer.status_code == status, path
            assert "Sol Adair" not in answer.text
        for path in self.POSTS:
            assert client.post(RUNS + path.format(id=run_id)).status_code == status, path
        with inside(cora):
            assert queries.run(run_id).state is RunState.REVIEW

    def test_an_advisor_sees_it_all_and_has_no_button(self, sign_in, run_id, ada, now):
        client = sign_in(ada)
        for path in self.READS:
            page = client.get(RUNS + path.format(id=run_id))
            assert page.status_code == 200, path
            assert not re.search(r'<form[^>]+method="post"[^>]+action="/c/', page.text), path
            assert "/runs/new" not in page.text
            assert "/publication" not in page.text
        for path in self.WORKS:
            assert client.get(RUNS + path.format(id=run_id)).status_code == 403, path
        for path in self.POSTS:
            assert client.post(RUNS + path.format(id=run_id)).status_code == 403, path

    def test_a_run_of_another_chapter_is_not_found(self, sign_in, run_id, odd, now):
        client = sign_in(odd)
        for path in (*self.READS[1:], *self.WORKS[1:]):
            there = "/c/elsewhere/runs" + path.format(id=run_id)
            assert client.get(there).status_code == 404, path
        for path in self.POSTS[1:]:
            there = "/c/elsewhere/runs" + path.format(id=run_id)
            assert client.post(there).status_code == 404, path

    def test_a_run_that_is_not_there_is_not_found(self, client):
        for path in (*self.READS[1:], *self.WORKS[1:]):
            assert client.get(RUNS + path.format(id=uuid4())).status_code == 404, path
        assert client.get(f"{RUNS}/x").status_code == 404


class TestStatements:
    @pytest.fixture
    def crowd(self, lakeside, cora):
        def crowd(pairs: int) -> None:
            for _ in range(pairs):
                make.student(lakeside, wants={CAREER: (), CONTENT: ("ems",)})
                make.mentor(lakeside, offers={CAREER: ()}, places=1)

        return crowd

    # Of those that show people, one notes that somebody looked.
    MOST: ClassVar = {
        "": 3,
        "/new": 4,
        "/{id}": 7,
        "/{id}?show=weakest&kind=career&q=s&left=all": 7,
        "/{id}/publication": 2,
        "/{id}/discard": 2,
        "/{id}/settings": 2,
        "/{id}/compare": 6,
        "/{id}/what-if": 4,
        "/{id}/what-if?what=places&mentor={mentor}&places=4": 7,
        "/{id}/history": 6,
        "/{id}/why-not": 4,
        "/{id}/why-not?mentee={mentee}&mentor={mentor}&kind=career": 7,
    }

    def test_are_few_and_the_same_for_one_pair_and_for_many(
        self, client, inside, statements, draft, crowd, cora, now
    ):
        client.get(RUNS)  # which finds the chapter of this address, once and for all

        def counted() -> dict[str, int]:
            run_id = draft(cora)
            with inside(cora):
                [first, *_], _ = review.pairs(run_id, review.Shown())
            about = {"id": run_id, "mentee": first.mentee_id, "mentor": first.mentor_id}
            found = {}
            for path in self.MOST:
                with statements() as seen:
                    assert client.get(RUNS + path.format(**about)).status_code == 200
                found[path] = len(seen)
            with inside(cora):
                runs.discard(queries.run_record(run_id), by=cora, now=now)
            return found

        crowd(1)
        few = counted()
        crowd(18)

        assert counted() == few
        assert {path: count for path, count in few.items() if count > self.MOST[path]} == {}

    def test_stay_within_bounds_at_work_and_once_published(
        self, client, statements, start, worked, publish, crowd, cora
    ):
        crowd(2)
        client.get(RUNS)
        run_id = start(cora)
        with statements() as at_work:
            client.get(f"{RUNS}/{run_id}")
        worked(run_id, cora)
        publish(run_id, cora)
        with statements() as published:
            client.get(f"{RUNS}/{run_id}")

        assert len(at_work) <= 4
        assert len(published) <= 7
