"""Going to a university and back, as a browser does."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from mentorship.foundation import scope, sealing
from mentorship.foundation.database import db, uuid7
from mentorship.tenancy.members import ChapterCard
from mentorship.tenancy.university import relying
from mentorship.tenancy.university.models import Provider
from tests import make
from tests.tenancy.university.misbehaving import CLIENT, SECRET, Misbehaving


def going_on(chapter: ChapterCard, provider: Misbehaving | None = None, **more: Any) -> None:
    """Make it the live provider of a chapter; what the facts say lies over the usual."""
    relying.forget()
    usual = {
        **{"name": f"{chapter.slug.title()} University", "preset": "other"},
        **{"issuer": provider.url if provider else "", "client_id": CLIENT},
        **{"joining": "invited", "claim_name": "", "claim_value": "", "joins_as": "student"},
        **{"state": "live", "version": 1, "tested_version": 1, "changed_at": make.LONG_AGO},
        **{"domains": ["lakeside.edu"], **sealed(SECRET)},
    }
    facts = usual | more
    with scope.chapter(chapter.id):
        db.session.add(Provider(**{"confirmed": facts["domains"]} | facts))
        db.session.commit()


def sealed(secret: str, chapter: ChapterCard | None = None) -> dict[str, Any]:
    """A secret as it is kept: of a new provider, or of the one that a chapter has."""
    provider_id = uuid7()
    if chapter is not None:
        with scope.chapter(chapter.id):
            provider_id = db.session.scalars(select(Provider.id)).one()
    key = current_app.config["SECRET_KEY"]
    kept = sealing.seal(secret, purpose="university secrets", owner_id=provider_id, secret=key)
    return {"id": provider_id, "secret": kept}


@dataclass
class Going:
    """A browser, and the provider it goes to."""

    browser: FlaskClient
    provider: Misbehaving
    slug: str = "lakeside"

    def begin(self, query: str = "") -> str:
        """Set out, and say where to."""
        answer = self.browser.get(f"/c/{self.slug}/auth/begin{query}")
        assert answer.status_code == 200, answer.text
        return answer.headers["Refresh"].removeprefix("0; url=")

    def back(self, said: dict[str, str]) -> TestResponse:
        return self.browser.get(f"/c/{self.slug}/auth/callback?{urlencode(said)}")

    def there_and_back(self, query: str = "", **more: str) -> TestResponse:
        return self.back(self.provider.answer(self.begin(query), **more))

    @property
    def is_in(self) -> bool:
        """Whether somebody is signed in here."""
        return self.browser.get("/account").status_code == 200


def change(chapter: ChapterCard, **facts: Any) -> None:
    """Change the provider of a chapter, as no page would."""
    facts = {"confirmed": facts["domains"], **facts} if "domains" in facts else facts
    with scope.chapter(chapter.id):
        provider = db.session.scalars(select(Provider)).one()
        for name, value in facts.items():
            setattr(provider, name, value)
        db.session.commit()
