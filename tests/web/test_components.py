"""What the components promise to every page, rendered without the rest of the product."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, flash, render_template, render_template_string
from jinja2 import StrictUndefined
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from mentorship.web import filters, icons

TEMPLATES = Path(__file__).parents[2] / "templates"
KINDS = [SelectChoice("career", "Career"), SelectChoice("wellness", "Wellness")]


class Hours(Form):
    starts = TimeField("From", [InputRequired("Say when these hours begin")])


class Ask(Form):
    topic = StringField("Topic", [InputRequired("Write a topic")], description="Two words.")
    story = TextAreaField("Story")
    stage = SelectField("Stage", choices=[SelectChoice("m3", "M3"), SelectChoice("m4", "M4")])
    kind = RadioField("Kind", [InputRequired("Choose a kind")], choices=KINDS)
    kinds = SelectMultipleField("Kinds you offer", choices=KINDS, default=["career"])
    paused = BooleanField("Paused")
    roster = FileField("Roster")
    hours = FieldList(FormField(Hours), min_entries=1)


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask(__name__, template_folder=str(TEMPLATES))
    app.secret_key = "only for this test"
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.globals.update(
        csrf_token=lambda: "token", form_key=lambda: "key", asset=lambda name: f"/static/{name}"
    )
    icons.init_app(app)
    filters.init_app(app)
    # Where the foot of every page leads.
    for page in ("whom_to_call", "report"):
        app.add_url_rule(f"/{page}", f"chapter.safety.{page}")
    return app


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/"):
        yield


@pytest.fixture
def blank() -> Ask:
    """The form after it was sent empty."""
    form = Ask()
    form.validate()
    form.form_errors.append("That time was taken meanwhile")
    return form


def render(macro: str, call: str, **context: object) -> str:
    name = call.split("(")[0]
    return render_template_string(
        f'{{% from "components/{macro}.html" import {name} %}}{{{{ {call} }}}}', **context
    )


class TestField:
    def test_names_hint_and_error_as_its_description(self, blank: Ask) -> None:
        html = render("form", "field(f)", f=blank.topic)
        assert 'aria-describedby="topic-h topic-e"' in html
        assert 'aria-invalid="true"' in html

    def test_puts_label_hint_error_and_control_in_that_order(self, blank: Ask) -> None:
        html = render("form", "field(f)", f=blank.topic)
        order = [html.index(part) for part in ("<label", "Two words.", "Write a topic", "<input")]
        assert order == sorted(order)

    def test_says_nothing_of_errors_where_there_are_none(self) -> None:
        html = render("form", "field(f, cls='w-s', autocomplete='off')", f=Ask().topic)
        assert "aria-invalid" not in html
        assert 'class="input w-s"' in html
        assert 'autocomplete="off"' in html

    @pytest.mark.parametrize(
        ("name", "look"),
        [
            ("story", 'class="area"'),
            ("stage", 'class="select"'),
            ("roster", 'type="file"'),
            ("paused", 'class="choice"'),
            ("kind", 'class="seg"'),
        ],
    )
    def test_knows_what_the_field_is(self, name: str, look: str) -> None:
        assert look in render("form", "field(f)", f=Ask()[name])

    def test_ticks_what_is_chosen(self) -> None:
        html = render("form", "checks(f, filter=true, kinds=true)", f=Ask().kinds)
        assert 'value="career" checked' in html
        assert 'value="wellness" checked' not in html
        assert 'data-filter="kinds-list"' in html


class TestErrors:
    def test_link_to_every_field_that_has_one(self, blank: Ask) -> None:
        html = render("form", "errors(form)", form=blank)
        assert 'href="#topic">Write a topic' in html
        assert 'href="#kind-0">Choose a kind' in html
        assert 'href="#hours-0-starts">Say when these hours begin' in html
        assert "<li>That time was taken meanwhile" in html
        assert "Five things to fix" in html

    def test_point_at_controls_that_are_there(self, blank: Ask) -> None:
        assert 'id="kind-0"' in render("form", "radios(f)", f=blank.kind)
        row = blank.hours.entries[0].form
        assert 'id="hours-0-starts"' in render("form", "field(f)", f=row.starts)

    def test_are_not_there_for_a_new_form(self) -> None:
        assert render("form", "errors(form)", form=Ask()).strip() == ""
        assert render("form", "errors(form)", form=None).strip() == ""


class TestFormOpen:
    def test_carries_token_and_key_when_it_posts(self) -> None:
        html = render("form", "form_open('/x', files=true, hx_post='/x')")
        assert 'name="csrf_token" value="token"' in html
        assert 'name="form_key" value="key"' in html
        assert 'enctype="multipart/form-data"' in html
        assert 'hx-disable="find button" hx-post="/x"' in html

    def test_carries_neither_when_it_only_asks(self) -> None:
        assert "hidden" not in render("form", "form_open('/x', method='get')")


class TestTimes:
    start = datetime(2026, 12, 1, 20, 0, tzinfo=UTC)

    def test_hold_the_instant_and_the_readers_words(self) -> None:
        html = render("time", "when(t, 'America/Chicago')", t=self.start)
        assert 'datetime="2026-12-01T14:00-06:00" data-local>Tue, Dec 1, 2:00 PM CST<' in html

    def test_add_the_other_persons_clock_where_it_differs(self) -> None:
        end = self.start + timedelta(minutes=25)
        call = "span(t, end, 'America/Chicago', 'America/New_York', 'Dr. Bell')"
        assert "(3:00 PM EST for Dr. Bell)" in render("time", call, t=self.start, end=end)
        same = "when(t, 'America/Chicago', 'America/Chicago', 'Dr. Weiss')"
        assert "Weiss" not in render("time", same, t=self.start)


class TestCharts:
    def test_say_in_words_what_they_draw(self) -> None:
        assert 'aria-label="1 of 4 kinds covered"' in render(
            "charts", "ring({'career': 'on'}, '1 of 4')"
        )
        assert 'aria-label="4 of 5 places in use, 1 held"' in render("charts", "beds(4, 5, 1)")
        assert 'aria-label="2 meetings"' in render("charts", "rhythm('.m..m.......', '2 meetings')")

    def test_draw_a_bed_for_each_place_and_each_person_too_many(self) -> None:
        html = render("charts", "beds(6, 5, over=1)")
        assert (html.count("bed-on"), html.count("bed-over")) == (5, 1)

    def test_survive_an_empty_list(self) -> None:
        assert 'width="0.0%"' in render("charts", "wbar(0, 0, 0)")


class TestPeople:
    def test_are_initials_and_words(self) -> None:
        html = render("people", "person('Dr. Ruth Adeyemi', 'Attending', href='/m/1', level='h2')")
        assert 'aria-hidden="true">RA<' in html
        assert '<h2><a href="/m/1">Dr. Ruth Adeyemi</a></h2>' in html

    def test_cannot_smuggle_markup_in(self) -> None:
        assert "<b>" not in render("people", "person('<b>Bo', '<b>')")


class TestPage:
    def test_needs_nobody_and_no_chapter(self) -> None:
        html = render_template("layouts/page.html")
        assert 'popovertarget="chapters"' not in html
        assert 'action="/sign-out"' not in html

    def test_shows_the_chapter_the_way_and_the_person(self) -> None:
        flash("Booked.", "good")
        chapter = SimpleNamespace(slug="lakeshore", name="Lakeshore EMIG", monogram="LS")
        item = SimpleNamespace(href="/f", label="Find", icon="search", count=2, current=True)
        html = render_template(
            "layouts/page.html",
            chapter=chapter,
            my_chapters=[SimpleNamespace(**vars(chapter), roles_label="Student", current=True)],
            nav=[item],
            me=SimpleNamespace(
                **{"name": "Priya Raman", "email": "p@example.edu", "zone": "America/Chicago"},
                may=lambda permission: False,
                reach=None,
            ),
            theme="dark",
        )
        assert 'data-theme="dark"' in html
        assert '<a href="/f" aria-current="page">' in html
        assert '2<span class="vh"> waiting' in html
        assert 'class="note note-good"' in html
        assert "Time zone: Chicago" in html
        assert html.count("<h1") == 0
        assert html.count('name="csrf_token"') == 1

    def test_says_error_in_the_title_of_a_form_that_came_back(self, blank: Ask) -> None:
        assert "<title>Error: " in render_template("layouts/page.html", form=blank)
        assert "<title>Error: " not in render_template("layouts/page.html", form=Ask())


class TestProblem:
    def test_says_what_it_is_and_what_the_log_calls_it(self) -> None:
        problem = SimpleNamespace(title="There is no such page", words="It may have moved.")
        html = render_template("problems/problem.html", problem=problem, request_id="r-17")
        assert "<title>There is no such page · Curbside</title>" in html
        assert "<code>r-17</code>" in html
