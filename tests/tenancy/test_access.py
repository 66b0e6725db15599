import re

import pytest
from sqlalchemy import update

from mentorship.foundation.database import db
from mentorship.tenancy import chapters, memberships, queries
from mentorship.tenancy.models import Membership
from mentorship.tenancy.roles import Permission, Role
from tests import make


class TestFound:
    @pytest.mark.parametrize("slug", ["", "x", "Upper", "with space", "../up", "-a", "a" * 40])
    def test_refuses_what_cannot_be_part_of_an_address(self, undone, now, slug):
        with pytest.raises(chapters.BadSlug):
            chapters.found(slug=slug, name="N", school="S", zone="UTC", now=now)

    def test_refuses_an_address_that_is_taken(self, lakeside, now):
        with pytest.raises(chapters.SlugTaken):
            chapters.found(slug="lakeside", name="N", school="S", zone="UTC", now=now)

    def test_refuses_a_zone_that_does_not_exist(self, undone, now):
        with pytest.raises(chapters.NoSuchZone):
            chapters.found(slug="mars", name="N", school="S", zone="Mars/Olympus", now=now)


class TestJoin:
    def test_adds_roles_and_never_a_second_membership(self, lakeside, sol, inside, now):
        with inside(lakeside):
            memberships.join(
                email=sol.email.upper(), name="Sol A.", roles=[Role.MENTOR], zone="UTC", now=now
            )
            again = queries.member_by_email(sol.email)
        assert (again.id, again.name) == (sol.id, "Sol A.")
        assert again.roles == {Role.STUDENT, Role.MENTOR}

    def test_lets_one_account_belong_to_several_chapters(self, lakeside, sign_in):
        here = make.mentor(lakeside, "Dr. Both")
        make.mentor(make.chapter("harborside"), "Dr. Both", email=here.email)

        page = sign_in(here).get("/").text

        assert re.findall(r'href="/c/(\w+)/"', page) == ["harborside", "lakeside"]


def test_every_role_carries_something_and_everything_is_carried():
    assert set().union(*(permission.roles for permission in Permission)) == set(Role)
    assert all(permission.roles for permission in Permission)


def test_a_stranger_is_told_there_is_no_such_chapter(sign_in, lakeside, odd):
    assert sign_in(odd).get("/c/lakeside/").status_code == 404
    assert sign_in(odd).get("/c/no-such-chapter/").status_code == 404


@pytest.mark.parametrize("slug", ["%00", "lakeside%00", "%ff", "%20", "%F0%9F%98%80", "x" * 9000])
def test_a_slug_that_none_can_be_leads_nowhere(app, sign_in, sol, slug):
    assert sign_in(sol).get(f"/c/{slug}/").status_code == 404
    assert app.test_client().get(f"/c/{slug}/").status_code == 302


def test_who_left_is_a_stranger_at_the_next_request(sign_in, sol, inside, now):
    client = sign_in(sol)
    assert client.get("/c/lakeside/").status_code == 200
    with inside(sol):
        db.session.execute(update(Membership).values(left_at=now))

    assert client.get("/c/lakeside/").status_code == 404


def test_a_role_that_was_taken_away_is_gone_at_the_next_request(sign_in, cora, inside):
    client = sign_in(cora)
    assert client.get("/c/lakeside/people").status_code == 200
    with inside(cora):
        db.session.execute(update(Membership).values(held=["student"]))

    assert client.get("/c/lakeside/people").status_code == 403


def test_without_sign_in_every_page_of_a_chapter_leads_to_it(app, lakeside):
    answer = app.test_client().get("/c/lakeside/people")

    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/c/lakeside/people")


def test_private_pages_are_kept_by_no_cache(sign_in, sol):
    assert sign_in(sol).get("/c/lakeside/").headers["Cache-Control"] == "no-store"
