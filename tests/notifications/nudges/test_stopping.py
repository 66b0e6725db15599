"""What a person wants of Curbside's mail: on their page, and from the mail itself."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.notifications.nudges import choices, links
from mentorship.notifications.nudges.choices import Choices
from mentorship.notifications.nudges.models import MailDeed, Nudge, NudgeState
from mentorship.notifications.nudges.pace import Quiet
from mentorship.notifications.nudges.registry import KINDS
from mentorship.notifications.nudges.sent import A_PAGE
from mentorship.relationships.models import ActionItem, PairingState
from tests import make
from tests.conftest import MONDAY_NOON

NOW = MONDAY_NOON
ONE_CLICK = {"List-Unsubscribe": "One-Click"}
TYPED = {"kinds": ["agenda", "quiet"], "quiet_begins": "22", "quiet_ends": "7"}


@pytest.fixture
def wanted(sol):
    def wanted() -> Choices:
        found = choices.mine(sol.user_id)
        db.session.rollback()
        return found

    return wanted


@pytest.fixture
def address(app, sol, settings, now):
    """Where a mail to Sol stops a kind, or all."""

    def address(kind: str | None = None, who=sol) -> str:
        return urlsplit(links.address(who, kind, secret=settings.secret_key, now=now)).path

    return address


@pytest.fixture
def deeds(inside, sol):
    def deeds() -> list[str]:
        with inside(sol):
            return list(db.session.scalars(select(AuditEvent.deed).order_by(AuditEvent.id)))

    return deeds


@pytest.fixture
def guarded(app, monkeypatch) -> None:
    """Forms need their token, as they do outside of tests."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)


class TestFromTheMail:
    def test_one_click_stops_all_without_cookies_token_or_sign_in(
        self, app, guarded, address, wanted, deeds
    ):
        answer = app.test_client(use_cookies=False).post(address(), data=ONE_CLICK)

        assert answer.status_code == 200
        assert wanted().none
        assert not any(wanted().want(kind) for kind in [*KINDS, "one_to_come"])
        assert deeds() == [MailDeed.STOPPED]

    def test_one_kind_is_stopped_alone(self, app, guarded, address, wanted):
        app.test_client().post(address("check_in"), data=ONE_CLICK)

        assert [kind for kind in KINDS if not wanted().want(kind)] == ["check_in"]

    def test_pressing_it_twice_changes_nothing_more(self, app, address, wanted, deeds):
        for _ in range(2):
            assert app.test_client().post(address("quiet"), data=ONE_CLICK).status_code == 200

        assert wanted().off == {"quiet"}
        assert deeds() == [MailDeed.STOPPED]

    @pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
    def test_a_scanner_that_follows_it_stops_nothing(self, app, address, wanted, deeds, method):
        assert app.test_client().open(address(), method=method).status_code == 200

        assert wanted() == Choices()
        assert deeds() == []

    def test_its_page_has_one_button_which_works(self, app, guarded, address, wanted):
        page = app.test_client().get(address("agenda")).text

        assert "<h1>Stop reminders of this kind?</h1>" in page
        assert "An agenda that is blank a day before a meeting." in page
        assert page.count("<button") == 1
        assert f'action="{address("agenda")}"' in page
        assert "Stopped" in app.test_client().post(address("agenda")).text

    def test_works_for_a_member_who_left_and_for_a_kind_that_is_no_more(
        self, app, address, wanted, inside, sol
    ):
        assert app.test_client().post(address("of_long_ago")).status_code == 200

        assert wanted().off == {"of_long_ago"}

    @pytest.mark.parametrize("harm", ["x", "", "e30.x"])
    def test_an_address_that_is_not_ours_stops_nothing(self, app, address, wanted, harm):
        for path in (f"/u/{harm or 'x'}", address() + "x", address()[:-2]):
            answer = app.test_client().post(path)
            assert answer.status_code == 404
            assert "This link does not open anything" in answer.text

        assert wanted() == Choices()

    def test_an_address_for_another_purpose_stops_nothing(self, app, sol, settings, now, wanted):
        from mentorship.foundation import tokens

        facts = {"chapter": str(sol.chapter_id), "member": str(sol.id), "kind": None}
        token = tokens.sign(
            facts, purpose="answer", secret=settings.secret_key, until=now + timedelta(days=9)
        )

        assert app.test_client().post(f"/u/{token}").status_code == 404
        assert wanted() == Choices()

    def test_it_stops_nobody_else(self, app, address, mara, sol, wanted):
        app.test_client().post(address(None, mara))

        assert wanted() == Choices()
        assert choices.mine(mara.user_id).none

    def test_it_works_for_years(self, app, address, at, wanted):
        path = address()
        at(NOW + timedelta(days=1000))

        assert app.test_client().post(path).status_code == 200
        assert wanted().none


class TestPage:
    def test_shows_every_kind_ticked_and_the_night_quiet(self, sign_in, sol):
        page = sign_in(sol).get("/c/lakeside/mail").text

        assert page.count(" checked") == len(KINDS)
        for kind in KINDS.values():
            assert kind.label in page
        assert '<option selected value="21">9:00 PM</option>' in page
        assert '<option selected value="8">8:00 AM</option>' in page
        assert "None yet" in page

    def test_keeps_what_is_chosen_in_every_chapter(self, sign_in, sol, wanted, deeds):
        answer = sign_in(sol).post("/c/lakeside/mail", data=TYPED)

        assert (answer.status_code, answer.location) == (303, "/c/lakeside/mail")
        assert {kind for kind in KINDS if wanted().want(kind)} == {"agenda", "quiet"}
        assert wanted().quiet == Quiet(22, 7)
        assert wanted().want("one_to_come")
        assert deeds() == [MailDeed.CHOSEN]

    def test_nothing_ticked_is_nothing_at_all_until_something_is(self, sign_in, sol, wanted):
        sign_in(sol).post("/c/lakeside/mail", data=TYPED | {"kinds": []})
        assert wanted().none

        sign_in(sol).post("/c/lakeside/mail", data=TYPED)
        assert not wanted().none
        assert wanted().want("agenda")

    @pytest.mark.parametrize(
        "wrong", [{"kinds": ["x"]}, {"quiet_begins": "24"}, {"quiet_ends": ""}, {"quiet_ends": "x"}]
    )
    def test_what_is_not_offered_comes_back_with_the_rest_as_typed(
        self, sign_in, sol, wanted, wrong
    ):
        answer = sign_in(sol).post("/c/lakeside/mail", data=TYPED | wrong)

        assert answer.status_code == 422
        assert "<title>Error: Mail from Curbside" in answer.text
        assert "hoose" in answer.text
        if "kinds" not in wrong:
            assert answer.text.count(" checked") == 2
        assert wanted() == Choices()

    def test_tells_what_was_sent_and_why(self, sol, go_to, mara, sign_in, inside, tray):
        pairing_id = make.pairing(mara, sol, state=PairingState.ACTIVE, last_contact_on=NOW.date())
        with inside(sol):
            db.session.add(
                ActionItem(
                    pairing_id=pairing_id,
                    owner_id=sol.id,
                    what="Draft",
                    due_on=NOW.date(),
                    created_at=NOW,
                )
            )
        go_to(NOW)
        go_to(NOW + timedelta(days=7))

        page = sign_in(sol).get("/c/lakeside/mail").text

        assert page.count("An action item was for Monday, March 2") == 2
        assert "Mon, Mar 2, 12:00 PM CST. You had taken it on, and its day had come." in page
        assert "Mon, Mar 9, 1:00 PM CDT, for the second time." in page
        assert "An action item" not in _section(sign_in(mara).get("/c/lakeside/mail").text)

    def test_goes_through_all_of_them_page_by_page(self, sol, inside, sign_in, now):
        with inside(sol):
            db.session.add_all(
                Nudge(
                    kind="agenda",
                    subject_id=sol.id,
                    since=NOW.date() - timedelta(days=number),
                    member_id=sol.id,
                    number=1,
                    mail_id=sol.id,
                    state=NudgeState.SENT,
                    said=f"Number {number}.",
                    found_at=NOW,
                    settled_at=NOW - timedelta(days=number // 2),
                )
                for number in range(2 * A_PAGE + 1)
            )
        client, path, seen = sign_in(sol), "/c/lakeside/mail", []
        while path:
            page = client.get(path).text
            seen += [n for n in range(2 * A_PAGE + 1) if f"Number {n}." in page]
            path = page.split('rel="next" href="')[1].split('"')[0] if 'rel="next"' in page else ""
            path = path.replace("&amp;", "&")

        assert sorted(seen) == list(range(2 * A_PAGE + 1))

    @pytest.mark.parametrize("query", ["before=x", "before=2026-03-02", "id=x", "before=%00&id=1"])
    def test_a_place_that_is_none_shows_the_newest(self, sign_in, sol, query):
        assert sign_in(sol).get(f"/c/lakeside/mail?{query}").status_code == 200

    def test_asks_the_database_four_times_at_most(self, sign_in, sol, statements):
        client = sign_in(sol)
        client.get("/c/lakeside/mail")
        with statements() as seen:
            client.get("/c/lakeside/mail")

        assert len(seen) <= 4


def _section(page: str) -> str:
    return page.split('id="sent-h"')[1]
