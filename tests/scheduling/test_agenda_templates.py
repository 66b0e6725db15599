"""What agendas are started with: the usual items, and those that a chapter wants instead."""

import re

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.scheduling import agenda_templates, agendas
from mentorship.scheduling.agenda_templates import Line
from mentorship.scheduling.models import AgendaTemplate, AgendaTemplateDeed, ItemKind
from mentorship.tenancy.roles import Permission, Role
from mentorship.vocabulary.kinds import Kind
from mentorship.vocabulary.lengths import LENGTHS
from mentorship.vocabulary.stages import Phase, Stage
from tests import make

EVERY = [(kind, phase) for kind in Kind for phase in Phase]
OURS = [Line(ItemKind.TOPIC, "Ours", 10), Line(ItemKind.WANT, "A date")]
PAGE = "/c/lakeside/agendas?kind=wellness&phase=applying"


class TestUsual:
    @pytest.mark.parametrize(("kind", "phase"), EVERY)
    def test_there_are_some_for_every_kind_and_phase_that_fit_a_meeting(self, kind, phase):
        lines = agenda_templates.usual(kind, phase)

        assert 3 <= len(lines) <= agenda_templates.MOST
        assert sum(line.minutes for line in lines) <= max(LENGTHS)
        assert lines[-1].kind is ItemKind.WANT
        assert len({line.what for line in lines}) == len(lines)

    @pytest.mark.parametrize(("kind", "phase"), EVERY)
    def test_a_chapter_could_keep_them_as_they_are(self, kind, phase, cora, now, inside):
        with inside(cora):
            usual = agenda_templates.usual(kind, phase)
            agenda_templates.change(kind, phase, lines=usual, by=cora, now=now)

            assert agenda_templates.lines(kind, phase) == usual

    def test_nobody_says_match(self):
        said = [line.what for kind, phase in EVERY for line in agenda_templates.usual(kind, phase)]
        assert not [words for words in said if re.search("match", words, re.IGNORECASE)]

    @pytest.mark.parametrize(
        ("stage", "phase"),
        [
            (None, Phase.EARLY),
            (Stage.PRE_MED, Phase.EARLY),
            (Stage.M2, Phase.EARLY),
            (Stage.M3, Phase.CLERKSHIPS),
            (Stage.RESEARCH, Phase.CLERKSHIPS),
            (Stage.M4, Phase.APPLYING),
            (Stage.IMG, Phase.APPLYING),
            (Stage.PGY1, Phase.RESIDENCY),
            (Stage.CHIEF, Phase.RESIDENCY),
        ],
    )
    def test_phases_follow_the_stages(self, stage, phase):
        assert Phase.of(stage) is phase


class TestChange:
    def change(self, lines, by, now):
        agenda_templates.change(Kind.CAREER, Phase.EARLY, lines=lines, by=by, now=now)

    def test_holds_for_that_kind_and_phase_alone(self, cora, now, inside):
        with inside(cora):
            self.change(OURS, cora, now)

            assert agenda_templates.lines(Kind.CAREER, Phase.EARLY) == tuple(OURS)
            other = agenda_templates.lines(Kind.CAREER, Phase.APPLYING)
            assert other == agenda_templates.usual(Kind.CAREER, Phase.APPLYING)

    def test_another_chapter_keeps_its_own(self, cora, odd, now, inside):
        with inside(cora):
            self.change(OURS, cora, now)
        with inside(odd):
            usual = agenda_templates.usual(Kind.CAREER, Phase.EARLY)
            assert agenda_templates.lines(Kind.CAREER, Phase.EARLY) == usual

    def test_the_same_again_leaves_no_second_deed_and_reset_one(self, cora, now, inside):
        with inside(cora):
            self.change(OURS, cora, now)
            self.change(OURS, cora, now)
            for _ in range(2):
                agenda_templates.reset(Kind.CAREER, Phase.EARLY, by=cora, now=now)

            deeds = select(AuditEvent.deed).order_by(AuditEvent.id)
            assert list(db.session.scalars(deeds)) == [*AgendaTemplateDeed]
            assert db.session.scalars(select(AgendaTemplate)).first() is None

    @pytest.mark.parametrize(
        ("lines", "refusal"),
        [
            ([], agenda_templates.Empty),
            ([Line(ItemKind.TOPIC, "A", 5)] * 9, agenda_templates.TooMany),
            ([Line(ItemKind.TOPIC, " ", 5)], agenda_templates.Unfit),
            ([Line(ItemKind.TOPIC, "x" * 301, 5)], agenda_templates.Unfit),
            ([Line(ItemKind.TOPIC, "A", 0)], agenda_templates.Unfit),
            ([Line(ItemKind.QUESTION, "A", 31)], agenda_templates.Unfit),
            ([Line(ItemKind.WANT, "A", 5)], agenda_templates.Unfit),
            ([Line(ItemKind.READING, "A")], agenda_templates.Unfit),
        ],
    )
    def test_refuses_what_is_no_template(self, cora, now, inside, lines, refusal):
        with inside(cora), pytest.raises(refusal):
            self.change(lines, cora, now)

    def test_takes_no_more_than_an_agenda_does(self):
        assert agenda_templates.MOST <= agendas.MOST
        assert agenda_templates.LONGEST == agendas.LONGEST
        assert agenda_templates.MINUTES[-1] == agendas.MOST_MINUTES


class TestPage:
    def rows(self, *lines):
        return {
            f"lines-{at}-{name}": value
            for at, line in enumerate(lines)
            for name, value in zip(("kind", "what", "minutes"), line, strict=True)
        }

    def test_shows_the_usual_items(self, cora, now, sign_in):
        answer = sign_in(cora).get(PAGE).text

        assert "Wellness, application year" in answer
        assert 'value="How the season is going, apart from the results"' in answer
        assert answer.count('name="lines-') == 3 * agenda_templates.MOST

    def test_saves_the_rows_that_hold_something_in_their_order(self, cora, now, sign_in, inside):
        client = sign_in(cora)
        sent = self.rows(("topic", "B", "10"), ("question", "", "5"), ("want", "A", "5"))
        answer = client.post(PAGE, data=sent)

        assert answer.status_code == 303
        with inside(cora):
            assert agenda_templates.lines(Kind.WELLNESS, Phase.APPLYING) == (
                Line(ItemKind.TOPIC, "B", 10),
                Line(ItemKind.WANT, "A", 0),
            )
        assert 'value="B"' in client.get(answer.location).text

        answer = client.post(PAGE.replace("agendas?", "agendas/usual?"))
        assert "How the season is going" in client.get(answer.location).text

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (("topic", "", "5"), "Keep at least one item."),
            (("topic", "Kept", "99"), "1 to 30 minutes"),
            (("topic", "Kept", "x"), "1 to 30 minutes"),
            (("reading", "Kept", "5"), "1 to 30 minutes"),
            (("nothing", "Kept", "5"), "1 to 30 minutes"),
            (("topic", "Kept" + "x" * 300, "5"), "1 to 300 characters"),
        ],
    )
    def test_what_cannot_be_comes_back_whole(self, cora, now, sign_in, inside, row, reason):
        answer = sign_in(cora).post(PAGE, data=self.rows(row))

        assert answer.status_code == 422
        assert reason in answer.text
        assert f'value="{row[1]}"' in answer.text or not row[1]
        with inside(cora):
            assert db.session.scalars(select(AgendaTemplate)).first() is None

    @pytest.mark.parametrize("query", ["", "?kind=x&phase=y", "?kind=career&kind=wellness"])
    def test_shrugs_at_an_address_that_was_tampered_with(self, cora, now, sign_in, query):
        assert sign_in(cora).get(f"/c/lakeside/agendas{query}").status_code == 200

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.COORDINATOR])
    def test_is_the_coordinators(self, lakeside, now, sign_in, role):
        assert not make.member(lakeside, role).may(Permission.AGENDA_SET)
        client = sign_in(make.member(lakeside, role))
        assert client.get(PAGE).status_code == 403
        assert client.post("/c/lakeside/agendas/usual").status_code == 403
