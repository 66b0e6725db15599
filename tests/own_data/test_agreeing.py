"""What needs a yes: that it is off without one, written down with its words, and taken back."""

import pytest
from sqlalchemy import func, select

from mentorship.audit.models import AccountEvent
from mentorship.foundation.database import db
from mentorship.own_data import agreeing
from mentorship.profiles import affinities, consents
from mentorship.profiles.models import Affinity, Consent
from mentorship.vocabulary import purposes
from mentorship.vocabulary.purposes import PURPOSES, WORDINGS, Asked, Basis
from tests import make


@pytest.fixture
def group():
    from mentorship.vocabulary.backgrounds import affinities as listed

    return next(iter(listed()))


def test_every_yes_that_can_be_given_has_its_purpose_and_every_purpose_its_words():
    assert {one.asked for one in PURPOSES if one.basis is Basis.ASKED} == set(Asked)
    assert all(one.words and one.data for one in PURPOSES)
    assert len({one.name for one in PURPOSES}) == len(PURPOSES)


def test_nobody_has_agreed_to_anything_before_they_say_so(sol, inside):
    with inside(sol):
        assert consents.said(sol.id) == []
    assert agreeing.agreed_in(sol.user_id) == []


def test_a_yes_is_kept_with_its_time_and_its_words_and_so_is_a_no(sol, inside, now, group):
    with inside(sol):
        affinities.save([group], agreed=True, by=sol, now=now)
        affinities.save([group], agreed=True, by=sol, now=now)
    with inside(sol):
        affinities.save([], agreed=False, by=sol, now=now)
        said = consents.said(sol.id)

    assert [(one.given, one.wording, one.at) for one in said] == [(False, 1, now), (True, 1, now)]
    deeds = db.session.scalars(select(AccountEvent.deed).order_by(AccountEvent.id)).all()
    assert deeds == ["account.consent_given", "account.consent_withdrawn"]


def test_new_words_need_a_new_yes_which_is_kept_as_well(sol, inside, now, group, monkeypatch):
    with inside(sol):
        affinities.save([group], agreed=True, by=sol, now=now)
        monkeypatch.setitem(WORDINGS, Asked.AFFINITY, 2)
        affinities.save([group], agreed=True, by=sol, now=now)
        said = consents.said(sol.id)

    assert [one.wording for one in said] == [2, 1]
    assert purposes.WORDINGS is WORDINGS


def test_taken_back_it_is_gone_in_every_chapter(sol, inside, now, group, sign_in):
    again = make.student(make.chapter("riverside"), "Sol Elsewhere", email=sol.email)
    for who in (sol, again):
        with inside(who):
            affinities.save([group], agreed=True, by=who, now=now)
    client = sign_in(sol)
    page = client.get("/account/data").text
    assert "You said yes in Lakeside EMIG" in page
    assert "You said yes in Riverside EMIG" in page

    assert client.post("/account/data/groups").status_code == 303

    for who in (sol, again):
        with inside(who):
            assert db.session.scalar(select(func.count()).select_from(Affinity)) == 0
            assert db.session.scalar(select(func.count()).select_from(Consent)) == 2
    assert "You have not said yes" in client.get("/account/data").text
