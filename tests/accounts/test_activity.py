"""What happened to one's account, on the page and by mail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentorship.audit import account_trail
from mentorship.audit.account_trail import AccountDeed
from mentorship.audit.models import AccountEvent
from mentorship.foundation import afterwards
from mentorship.foundation.database import db
from mentorship.notifications.account_mail import TOLD
from tests.conftest import words

ACTIVITY = "/account/activity"


def happen(deed, who, now, **facts):
    account_trail.record(deed, user_id=who.user_id, now=now, **facts)
    db.session.commit()


class TestPage:
    def test_tells_what_happened_the_newest_first(self, sign_in, sol, now):
        happen(AccountDeed.PASSKEY_ADDED, sol, now + timedelta(hours=1), name="My phone")
        happen(AccountDeed.SIGN_IN_FAILED, sol, now + timedelta(hours=2))

        page = sign_in(sol).get(ACTIVITY).text

        first = page.index("Somebody tried to sign in as you, and was not let in")
        assert first < page.index("You added the passkey “My phone”")

    def test_what_somebody_called_a_thing_is_only_words(self, sign_in, sol, now):
        happen(AccountDeed.PASSKEY_ADDED, sol, now, name="<b>{way}</b>")

        page = sign_in(sol).get(ACTIVITY).text

        assert "&lt;b&gt;{way}&lt;/b&gt;" in page

    def test_is_nobody_elses(self, sign_in, sol, mara, now):
        happen(AccountDeed.PASSKEY_ADDED, sol, now, name="My phone")

        assert "My phone" not in sign_in(mara).get(ACTIVITY).text

    def test_goes_on_where_a_page_ends_and_not_from_anothers_line(self, sign_in, sol, mara, now):
        for number in range(60):
            happen(AccountDeed.PASSKEY_RENAMED, sol, now, name=f"phone-{number:02}")
        client = sign_in(sol)
        oldest = db.session.scalars(
            select(AccountEvent.id)
            .where(AccountEvent.user_id == sol.user_id, AccountEvent.facts["name"].astext > "")
            .order_by(AccountEvent.id)
        ).all()[10]

        older = client.get(ACTIVITY, query_string={"after": str(oldest)}).text

        assert "phone-09" in older
        assert "phone-10" not in older
        assert "phone" not in sign_in(mara).get(ACTIVITY, query_string={"after": oldest}).text

    def test_needs_a_sign_in(self, app, undone):
        assert app.test_client().get(ACTIVITY).status_code == 302

    @pytest.mark.parametrize("deed", AccountDeed)
    def test_every_deed_has_its_words(self, sign_in, sol, now, deed):
        happen(deed, sol, now)

        assert sign_in(sol).get(ACTIVITY).status_code == 200


class TestKept:
    def test_a_try_is_kept_though_the_request_is_refused(self, app, sol, now):
        afterwards.begin()
        account_trail.record_anyway(AccountDeed.SIGN_IN_FAILED, user_id=sol.user_id, now=now)
        db.session.rollback()
        afterwards.write(shown=False)
        afterwards.end()

        deeds = select(AccountEvent.deed).where(AccountEvent.user_id == sol.user_id)
        assert AccountDeed.SIGN_IN_FAILED in db.session.scalars(deeds).all()

    def test_what_was_not_kept_never_happened(self, sol, now):
        account_trail.record(AccountDeed.SIGNED_OUT, user_id=sol.user_id, now=now)
        db.session.rollback()

        deeds = select(AccountEvent.deed).where(AccountEvent.user_id == sol.user_id)
        assert AccountDeed.SIGNED_OUT not in db.session.scalars(deeds).all()


class TestMail:
    @pytest.mark.parametrize("deed", sorted(TOLD))
    def test_says_what_happened_when_and_where_to_look(self, sol, now, work, tray, deed):
        happen(AccountDeed(deed), sol, now, name="My phone")
        work()

        [mail] = tray.to(sol.email)
        assert mail["Subject"] == TOLD[deed].subject
        assert "Mon, Mar 2" in words(mail)
        assert "/account" in words(mail)
        assert "{" not in words(mail)

    @pytest.mark.parametrize("deed", sorted(set(AccountDeed) - set(TOLD)))
    def test_is_not_sent_of_what_is_no_news(self, sol, now, work, tray, deed):
        happen(deed, sol, now)
        work()

        assert tray.mails == []
