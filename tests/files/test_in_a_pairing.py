"""Files where the two meet: on their page, on its line, and on an agenda."""

from datetime import UTC, datetime

import pytest

from mentorship.files import shares
from mentorship.relationships import conflicts
from mentorship.vocabulary.kinds import Kind
from tests import make

NEXT_WEEK = datetime(2026, 3, 9, 19, tzinfo=UTC)


@pytest.fixture
def meeting_id(mara, sol, paired):
    return make.meeting(mara, sol, paired, starts_at=NEXT_WEEK)


@pytest.fixture
def page(paired) -> str:
    return f"/c/lakeside/pairings/{paired}"


def test_both_see_it_on_their_page_and_on_the_line(sol, mara, shown, page, sign_in):
    for who in (sol, mara):
        text = sign_in(who).get(page).text
        assert f"/c/lakeside/files/{shown.id}" in text
        assert "version 1, until Fri, May 1" in text
    assert "You showed a file" in sign_in(sol).get(f"{page}?show=files").text
    assert "Sol showed a file" in sign_in(mara).get(f"{page}?show=files").text


def test_where_nothing_is_shown_there_is_a_way_to(sol, page, paired, sign_in):
    text = sign_in(sol).get(page).text

    assert f"/c/lakeside/files/new?pairing={paired}" in text
    assert "Nobody but the two of you sees what is here." in text


@pytest.mark.parametrize("how", ["stopped", "blocked"])
def test_it_is_gone_from_there_as_well(sol, mara, shown, page, paired, sign_in, inside, now, how):
    with inside(sol):
        if how == "stopped":
            shares.stop(shown, pairing_id=paired, by=sol, now=now)
        else:
            conflicts.block(other=mara, by=sol, now=now)

    for path in (page, f"{page}?show=files"):
        assert str(shown.id) not in sign_in(mara).get(path).text
        assert "showed a file" not in sign_in(mara).get(path).text


def test_on_the_agenda_stands_its_address_and_never_its_bytes(
    sol, mara, shown, page, meeting_id, sign_in
):
    put = f"/c/lakeside/meetings/{meeting_id}/agenda/files/{shown.id}"
    assert put in sign_in(mara).get(page).text

    client = sign_in(mara)
    answer = client.post(put)

    assert answer.status_code == 303
    meeting = sign_in(sol).get(answer.location).text
    assert f'href="http://localhost/c/lakeside/files/{shown.id}"' in meeting
    assert "CV is on the agenda" in client.get(answer.location).text


def test_only_what_is_shown_there_goes_on_an_agenda(
    sol, mara, lakeside, keep, shown, meeting_id, sign_in, inside
):
    with inside(sol):
        own = keep(sol, name="My own")
    ruth = make.mentor(lakeside, "Dr. Ruth Adeyemi")
    theirs = make.pairing(ruth, sol, Kind.CONTENT, topic="ultrasound")
    other = make.meeting(ruth, sol, theirs, starts_at=NEXT_WEEK.replace(day=10))

    for who in (sol, mara):
        for path in (f"{meeting_id}/agenda/files/{own.id}", f"{other}/agenda/files/{shown.id}"):
            answer = sign_in(who).post(f"/c/lakeside/meetings/{path}")
            assert answer.status_code == 404
