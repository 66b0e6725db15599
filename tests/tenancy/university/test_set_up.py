"""Setting sign-in through the university up: a draft, a check, a test, and then people."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from mentorship.audit.models import AuditEvent
from mentorship.foundation.database import db
from mentorship.jobs import tasks
from mentorship.tenancy.university import providers, relying
from mentorship.tenancy.university.models import Provider, ProviderState, UniversityDeed
from tests import make
from tests.tenancy.university.going import Going, change, going_on
from tests.tenancy.university.misbehaving import CLIENT, SECRET, serving

PAGE = "/c/lakeside/settings/sign-in"


@pytest.fixture
def provider():
    with serving() as provider:
        yield provider


def typed(provider, **more: str) -> dict[str, str]:
    return {
        **{"preset": "other", "name": "Lakeside University", "issuer": provider.url},
        **{"client_id": CLIENT, "secret": SECRET, "domains": "Lakeside.edu, @med.lakeside.edu"},
        **{"joining": "invited", "claim_name": "", "claim_value": "", "joins_as": "student"},
        "secret_ends_on": "2026-04-01",
        **more,
    }


@pytest.fixture
def desk(cora, sign_in):
    """The coordinator's browser."""
    return sign_in(cora)


def kept(inside, who) -> Provider | None:
    with inside(who):
        return db.session.scalars(select(Provider)).one_or_none()


def test_from_nothing_to_people_who_sign_in(app, desk, cora, provider, inside, now):
    assert "A link by mail and passkeys always remain" in desk.get(PAGE).text
    assert desk.post(PAGE, data=typed(provider)).location == PAGE
    assert kept(inside, cora).state == ProviderState.DRAFT
    assert kept(inside, cora).domains == ["lakeside.edu", "med.lakeside.edu"]
    assert "Its keys can be read" in desk.post(f"{PAGE}/check").text
    assert desk.post(f"{PAGE}/on").status_code == 409

    going = Going(desk, provider)
    on = desk.post(f"{PAGE}/try").location
    provider.claims = {"email": "cora@lakeside.edu", "sub": "Cora there"}
    assert going.back(provider.answer(going.begin("?" + on.partition("?")[2]))).location == PAGE
    page = desk.get(PAGE).text
    assert "The test sign-in went all the way." in page
    assert "Cora there" in page
    assert "its domain is on your list" in page
    assert kept(inside, cora).state == ProviderState.DRAFT

    assert desk.post(f"{PAGE}/on").location == PAGE
    assert kept(inside, cora).state == ProviderState.LIVE
    assert (
        "Sign in with Lakeside University"
        in app.test_client().get("/sign-in?next=/c/lakeside/").text
    )


def test_a_test_signs_nobody_else_in_and_connects_nobody(app, desk, cora, provider, inside, now):
    desk.post(PAGE, data=typed(provider))
    on = desk.post(f"{PAGE}/try").location

    assert app.test_client().get(on).status_code == 404
    going = Going(desk, provider)
    said = provider.answer(going.begin("?" + on.partition("?")[2]))
    assert Going(app.test_client(), provider).back(said).status_code == 403


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "other", "secret": "new"}, {"secret": "another"}, {"preset": "okta"}],
    ids=["client", "secret", "preset"],
)
def test_whatever_is_asked_otherwise_is_a_draft_again(
    desk, university, cora, inside, lakeside, changed
):
    desk.post(PAGE, data=typed(university, secret="", **{}))
    assert kept(inside, cora).state == ProviderState.LIVE

    desk.post(PAGE, data=typed(university, **{"secret": "", **changed}))

    assert kept(inside, cora).state == ProviderState.DRAFT


def test_a_kept_secret_is_never_sent_to_another_issuer(desk, university, cora, inside):
    """Whoever could not read it could otherwise have it sent to them."""
    with serving() as evil:
        answer = desk.post(PAGE, data=typed(evil, secret=""))
        desk.post(f"{PAGE}/check")

        assert answer.status_code == 422
        assert evil.asked == []
    assert kept(inside, cora).issuer == university.url


def test_the_secret_is_sealed_and_never_shown(desk, provider, cora, inside, settings):
    desk.post(PAGE, data=typed(provider))

    row = kept(inside, cora)
    assert SECRET.encode() not in row.secret
    with inside(cora):
        one = db.session.scalars(select(Provider)).one()
        assert providers.client(one, settings=settings).secret == SECRET
        assert SECRET not in repr(db.session.scalars(select(AuditEvent.facts)).all())
    for page in (desk.get(PAGE).text, desk.post(f"{PAGE}/check").text):
        assert SECRET not in page
    answer = desk.post(PAGE, data=typed(provider, name=""))
    assert answer.status_code == 422
    assert "more/of=it" not in answer.text


WRONG = {
    "no name": ({"name": " "}, "name, as it should stand"),
    "no issuer": ({"issuer": ""}, "Copy the issuer"),
    "an issuer that is none": ({"issuer": "lakeside"}, "begins with https://"),
    "an issuer with a question": ({"issuer": "https://x.example/?a=b"}, "question mark"),
    "no client": ({"client_id": ""}, "Copy the client"),
    "no secret": ({"secret": ""}, "Copy the client’s secret"),
    "a secret with a line break": ({"secret": "a\u2028b"}, "Copy the client’s secret"),
    "everybody at Microsoft": (
        {"preset": "entra", "issuer": "https://login.microsoftonline.com/common/v2.0"},
        "names your university’s own tenant",
    ),
    "organizations at Microsoft": (
        {"preset": "entra", "issuer": "https://login.microsoftonline.com/organizations/v2.0"},
        "names your university’s own tenant",
    ),
    "everybody at Microsoft, as something else": (
        {"preset": "other", "issuer": "https://login.microsoftonline.com/common/v2.0"},
        "names your university’s own tenant",
    ),
    "a domain that is none": ({"domains": "lakeside"}, "“lakeside” is not a domain"),
    "everybody's domain": ({"domains": "gmail.com"}, "Anybody can have an address"),
    "a domain with a star": ({"domains": "*.edu"}, "is not a domain"),
    "a rule without a domain": ({"joining": "domain", "domains": ""}, "at least one domain"),
    "a rule without a claim": ({"joining": "claim"}, "Say which claim"),
    "an office": ({"joins_as": "coordinator"}, "Not a valid choice"),
    "no preset": ({"preset": "moon"}, "Not a valid choice"),
    "no day": ({"secret_ends_on": "soon"}, "Write the day"),
}


@pytest.mark.parametrize(("wrong", "says"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_is_said_beside_it(desk, provider, cora, inside, wrong, says):
    answer = desk.post(PAGE, data=typed(provider, **wrong))

    assert answer.status_code == 422
    assert says in answer.text
    assert kept(inside, cora) is None


def test_microsofts_own_tenant_can(desk, provider, cora, inside):
    tenant = "https://login.microsoftonline.com/0f3a2b1c-1111-2222-3333-444455556666/v2.0"
    answer = desk.post(PAGE, data=typed(provider, preset="entra", issuer=tenant))

    assert answer.status_code == 303, answer.text
    assert kept(inside, cora).issuer == tenant


def test_only_a_coordinator_sets_it_up(lakeside, mara, sol, sign_in, university):
    for who in (mara, sol):
        for path in ("", "/check", "/try", "/on", "/off", "/remove"):
            answer = sign_in(who).post(PAGE + path)
            assert answer.status_code == 403, path


def test_it_is_switched_off_and_forgotten(desk, app, university, cora, inside):
    assert desk.post(f"{PAGE}/off").location == PAGE
    assert "Sign in with" not in app.test_client().get("/sign-in?next=/c/lakeside/").text
    assert kept(inside, cora) is not None
    assert "Nobody loses their account" in desk.get(f"{PAGE}/remove").text
    desk.post(f"{PAGE}/remove")

    assert kept(inside, cora) is None


def test_coordinators_are_warned_once_30_and_once_7_days_ahead(
    cora, university, lakeside, now, at, tray, work
):
    ends_on = date(2026, 4, 15)
    change(lakeside, secret_ends_on=ends_on)
    subjects = []
    for days in (31, 30, 29, 8, 7, 6, 0, -3):
        at(now + timedelta(days=(ends_on - now.date()).days - days))
        tray.empty()
        tasks.warn_of_secrets(0)
        work()
        subjects.append((days, [mail["Subject"] for mail in tray.to(cora.email)]))

    told = [days for days, mails in subjects if mails]
    assert told == [30, 7]
    assert "Wed, Apr 15" in subjects[1][1][0]


def test_a_new_secret_is_warned_of_anew(desk, university, cora, inside, lakeside):
    change(lakeside, secret_ends_on=date(2026, 3, 20), warned_days=30)
    desk.post(PAGE, data=typed(university, secret="new", secret_ends_on="2027-03-01"))

    assert kept(inside, cora).warned_days is None


def test_the_door_of_a_chapter_leads_to_its_university(app, university, now):
    browser = app.test_client()
    answer = browser.get("/c/lakeside/meetings")
    page = browser.get(answer.location).text

    assert "Sign in with Lakeside University" in page
    assert "/c/lakeside/auth/begin?next=/c/lakeside/meetings" in page
    assert "Email me" in page or "Continue" in page


def test_so_does_an_address_of_its_domain_whoever_has_it(app, university, sol, now):
    for email in ("sol@lakeside.edu", "nobody@lakeside.edu"):
        browser = app.test_client()
        browser.post("/sign-in", data={"email": email})
        assert "Sign in with Lakeside University" in browser.get("/sign-in/sent").text
    browser = app.test_client()
    browser.post("/sign-in", data={"email": "somebody@elsewhere.edu"})
    assert "Sign in with" not in browser.get("/sign-in/sent").text


class TestADomainThatIsNotTheirs:
    """A coordinator can list anybody's domain, and lead its people to an issuer of their own."""

    @pytest.fixture
    def offered(self, app, now):
        def offered(email: str) -> bool:
            browser = app.test_client()
            browser.post("/sign-in", data={"email": email})
            return "Sign in with Lakeside University" in browser.get("/sign-in/sent").text

        return offered

    @pytest.fixture
    def confirm(self, cora, inside, now):
        def confirm(domain: str = "med.lakeside.edu", **more):
            with inside(cora):
                return providers.confirm_domain(domain, now=now, **more).confirmed

        return confirm

    def test_is_offered_to_nobody_before_it_is_confirmed(
        self, app, desk, university, offered, confirm
    ):
        desk.post(PAGE, data=typed(university, secret=""))

        assert offered("sol@lakeside.edu")
        assert not offered("sol@med.lakeside.edu")
        assert "types an address at med.lakeside.edu is not" in desk.get(PAGE).text
        assert confirm() == ["lakeside.edu", "med.lakeside.edu"]
        assert offered("sol@med.lakeside.edu")
        assert "is not, before whoever runs" not in desk.get(PAGE).text
        # At the chapter's own door it makes no difference.
        confirm("lakeside.edu", is_theirs=False)
        assert not offered("sol@lakeside.edu")
        page = app.test_client().get("/sign-in?next=/c/lakeside/").text
        assert "Sign in with Lakeside University" in page

    def test_keeps_no_other_chapter_from_its_own(self, university, offered):
        going_on(make.chapter("harbor"), university, domains=["lakeside.edu"], confirmed=[])

        assert offered("sol@lakeside.edu")

    def test_is_confirmed_for_one_issuer(self, desk, university, cora, inside):
        with serving() as other:
            desk.post(PAGE, data=typed(other, secret="new", client_id="new"))

        assert kept(inside, cora).confirmed == []

    def test_is_confirmed_only_if_it_is_listed(self, university, confirm):
        with pytest.raises(providers.NotListed):
            confirm("elsewhere.edu")

    def test_is_in_the_trail_once(self, desk, university, cora, inside, confirm):
        desk.post(PAGE, data=typed(university, secret=""))
        for _ in range(2):
            confirm()

        with inside(cora):
            of = select(AuditEvent.facts).where(AuditEvent.deed == UniversityDeed.DOMAIN_CONFIRMED)
            assert db.session.scalars(of).all() == [{"domain": "med.lakeside.edu"}]


class TestWhomItHadLetIn:
    @pytest.fixture
    def going(self, app, university, lakeside, now):
        """Somebody whom it has let in."""
        change(lakeside, joining="domain")
        going = Going(app.test_client(), university)
        going.there_and_back()
        assert going.is_in
        return going

    @pytest.mark.parametrize(
        ("path", "data"),
        [
            ("/off", {}),
            ("/remove", {}),
            ("", {"client_id": "another", "secret": "new"}),
        ],
        ids=["switched off", "forgotten", "another client"],
    )
    def test_is_out_once_it_lets_in_nobody(self, desk, university, going, sol, sign_in, path, data):
        by_mail = sign_in(sol)
        by_mail.get("/account")

        answer = desk.post(PAGE + path, data=typed(university, secret="") | data if data else {})

        assert answer.status_code == 303
        assert not going.is_in
        assert by_mail.get("/account").status_code == 200
        assert desk.get("/account").status_code == 200

    def test_stays_with_a_new_secret(self, desk, university, going):
        desk.post(PAGE, data=typed(university, secret="another"))

        assert going.is_in

    def test_reads_why_under_activity(self, app, desk, university, going):
        desk.post(f"{PAGE}/off")
        desk.post(f"{PAGE}/on")
        going.there_and_back()

        assert (
            "lets you in no more, and you were signed out"
            in going.browser.get("/account/activity").text
        )


def test_sign_out_goes_on_to_the_university(app, university, lakeside, now):
    change(lakeside, joining="domain")
    going = Going(app.test_client(), university)
    going.there_and_back()

    answer = going.browser.post("/sign-out")

    assert answer.headers["Refresh"].startswith(f"0; url={university.url}/end?")
    for part in ("id_token_hint=eyJ", "post_logout_redirect_uri=", "state=", "client_id="):
        assert part in answer.headers["Refresh"]
    assert not going.is_in
    assert "at your university too" in going.browser.get("/c/lakeside/auth/signed-out").text


def test_without_such_a_place_it_ends_here(app, university, lakeside, now):
    change(lakeside, joining="domain")
    university.metadata = {"end_session_endpoint": None}
    going = Going(app.test_client(), university)
    going.there_and_back()

    assert going.browser.post("/sign-out").location == "/sign-in"


def test_so_it_does_when_the_university_is_gone(app, university, lakeside, now):
    change(lakeside, joining="domain")
    going = Going(app.test_client(), university)
    going.there_and_back()
    relying.forget()
    university.answers["/.well-known/openid-configuration"] = lambda asked: None

    assert going.browser.post("/sign-out").location == "/sign-in"
    assert not going.is_in


def test_a_secret_that_cannot_be_opened_stops_nobody_from_signing_out(
    app, university, lakeside, now
):
    change(lakeside, joining="domain")
    going = Going(app.test_client(), university)
    going.there_and_back()
    change(lakeside, secret=b"sealed with a key that is forgotten")

    assert going.browser.get("/c/lakeside/auth/begin").status_code == 409
    assert going.browser.post("/sign-out").location == "/sign-in"
    assert not going.is_in


@pytest.mark.parametrize("state", ["draft", "live"])
def test_the_page_costs_few_statements(desk, university, lakeside, statements, state):
    change(lakeside, state=state)
    desk.get(PAGE)
    with statements() as seen:
        desk.get(PAGE)

    assert len(seen) <= 4, seen
