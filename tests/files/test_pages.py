"""The pages of files: adding, showing, downloading, and who may do which."""

import io
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mentorship.audit.models import AuditEvent
from mentorship.files import documents, formats, shares
from mentorship.files.models import Document, DocumentDeed, DocumentShare, DocumentVersion
from mentorship.foundation.database import db
from mentorship.foundation.storage import Away
from mentorship.foundation.storage.chunks import ChunkStore
from mentorship.foundation.storage.models import StoredChunk
from mentorship.relationships import conflicts, partings
from mentorship.relationships.models import Pairing, PairingState
from mentorship.relationships.queries import my_pairing
from mentorship.tenancy.roles import Role
from mentorship.vocabulary.kinds import Kind
from tests import make
from tests.files import made

FILES = "/c/lakeside/files"
NEW = f"{FILES}/new"


def upload(content: bytes, name: str = "CV.pdf", **more: str) -> dict:
    return {"file": (io.BytesIO(content), name), "sort": "cv", **more}


def sent(content: bytes, **fields: str) -> dict:
    """A form with a file as it goes over the wire: the client's own would stay open."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{words}\r\n'.encode()
        for name, words in {"sort": "cv", **fields}.items()
    ]
    begins = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.pdf"\r\n\r\n'
    body = b"".join([*parts, begins, content, b"\r\n--b--\r\n"])
    return {"data": body, "content_type": "multipart/form-data; boundary=b"}


def versions_of(who, inside) -> int:
    with inside(who):
        return db.session.scalar(select(func.count()).select_from(DocumentVersion))


@pytest.fixture
def version_id(shown, newest, sol, inside):
    with inside(sol):
        return newest(shown).id


@pytest.fixture
def download(version_id) -> str:
    return f"{FILES}/versions/{version_id}/download"


class TestAdding:
    def test_a_file_is_kept_for_oneself(self, sol, sign_in, inside):
        client = sign_in(sol)

        answer = client.post(NEW, data=upload(made.pdf(), "../My CV.pdf.exe", note="First"))

        assert answer.status_code == 303
        page = client.get(answer.location).text
        assert "<title>My CV · Curbside</title>" in page
        assert "Only you can see this." in page
        assert "First" in page
        assert "My CV" in client.get(FILES).text

    def test_from_a_pairing_it_is_shown_there_at_once(self, sol, mara, paired, sign_in):
        answer = sign_in(sol).post(f"{NEW}?pairing={paired}", data=upload(made.docx(), "x.docx"))

        assert "Shown to Dr. Mara Quist" in sign_in(sol).get(answer.location).text
        assert "shows you this until" in sign_in(mara).get(answer.location).text
        assert "from <bdi>Sol Adair" in sign_in(mara).get(FILES).text

    def test_a_pairing_of_others_shows_nothing_to_them(self, sol, mara, lakeside, sign_in, inside):
        theirs = make.pairing(mara, make.student(lakeside))

        sign_in(sol).post(f"{NEW}?pairing={theirs}", data=upload(made.pdf()))

        with inside(sol):
            assert db.session.scalars(select(DocumentShare)).all() == []

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "That file is empty"),
            (b"<html>", "looks like HTML"),
            (made.pdf(size=formats.LARGEST + 1), "at most 10 MB"),
            (made.docx({"word/vbaProject.bin": b"x"}), "macros"),
        ],
        ids=["empty", "page", "large", "macros"],
    )
    def test_what_is_refused_says_why_and_keeps_the_rest(
        self, sol, sign_in, inside, content, words
    ):
        answer = sign_in(sol).post(NEW, **sent(content, name="Kept name", note="Kept note"))

        assert answer.status_code == 422
        assert words in answer.text
        assert "Kept name" in answer.text
        assert "Kept note" in answer.text
        assert versions_of(sol, inside) == 0

    def test_far_too_much_is_refused_before_it_is_read(self, sol, sign_in):
        content = b"x" * (2 * formats.LARGEST + 2 * 1024 * 1024)

        answer = sign_in(sol).post(
            NEW, data=content, content_type="multipart/form-data; boundary=x"
        )

        assert answer.status_code == 413
        assert "10 MB for a file" in answer.text

    def test_other_pages_take_no_more_than_before(self, cora, sign_in):
        answer = sign_in(cora).post(
            "/c/lakeside/people/import",
            data=b"x" * 6_000_000,
            content_type="multipart/form-data; boundary=x",
        )

        assert answer.status_code == 413

    @pytest.mark.parametrize("data", [{}, {"file": "words"}, {"file": (io.BytesIO(b""), "")}])
    def test_no_file_is_said(self, sol, sign_in, data):
        answer = sign_in(sol).post(NEW, data={"sort": "cv"} | data)

        assert answer.status_code == 422
        assert "Choose a file." in answer.text

    def test_a_doubled_upload_is_kept_once(self, sol, sign_in, inside):
        client = sign_in(sol)
        first, second = (client.post(NEW, data=upload(made.pdf())) for _ in range(2))

        assert first.location == second.location
        assert versions_of(sol, inside) == 1


class TestDownloading:
    def test_is_a_file_to_be_saved_and_nothing_a_browser_runs(self, mara, sign_in, download):
        answer = sign_in(mara).get(download)

        assert answer.data == made.pdf()
        assert answer.headers["Content-Disposition"] == "attachment; filename=CV.pdf"
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]

    def test_a_name_travels_in_any_script(self, sol, keep, newest, inside, sign_in):
        with inside(sol):
            one = newest(keep(sol, name="履歴書 v2")).id

        answer = sign_in(sol).get(f"{FILES}/versions/{one}/download")

        told = answer.headers["Content-Disposition"]
        assert told.endswith("filename*=UTF-8''%E5%B1%A5%E6%AD%B4%E6%9B%B8%20v2.pdf")
        assert told.startswith("attachment; ")

    def test_the_owner_sees_who_had_it_and_is_not_counted(
        self, sol, mara, sign_in, download, shown, inside
    ):
        for _ in range(2):
            sign_in(mara).get(download)
        sign_in(sol).get(download)

        page = sign_in(sol).get(f"{FILES}/{shown.id}").text
        assert re.search(r"Dr\. Mara Quist</bdi></b><p[^>]*>2 times", page)
        with inside(sol):
            read = select(AuditEvent.by_id).where(AuditEvent.deed == DocumentDeed.READ)
            assert db.session.scalars(read).all() == [mara.id, mara.id]

    def test_asking_for_the_headers_is_no_download(self, mara, sol, sign_in, download, inside):
        answer = sign_in(mara).head(download)

        assert answer.status_code == 200
        assert answer.content_length == len(made.pdf())
        with inside(sol):
            read = select(AuditEvent).where(AuditEvent.deed == DocumentDeed.READ)
            assert db.session.scalars(read).all() == []

    def test_a_download_that_broke_off_goes_on(self, mara, sign_in, download):
        client = sign_in(mara)
        etag = client.get(download).headers["ETag"]

        rest = client.get(download, headers={"Range": "bytes=10-19", "If-Range": etag})
        beyond = client.get(download, headers={"Range": "bytes=999999-"})

        assert rest.status_code == 206
        assert rest.data == made.pdf()[10:20]
        assert beyond.status_code == 416

    def test_of_a_large_file_every_byte_comes(self, sol, keep, newest, inside, sign_in):
        content = made.pdf(size=3 * 1024 * 1024)
        with inside(sol):
            one = newest(keep(sol, content)).id

        with sign_in(sol).get(f"{FILES}/versions/{one}/download") as answer:
            assert answer.data == content

    def test_bytes_that_were_changed_are_not_passed_on(self, mara, sol, sign_in, download, inside):
        with inside(sol):
            chunk = db.session.scalars(select(StoredChunk)).one()
            chunk.content = b"%PDF-something else"

        answer = sign_in(mara).get(download)

        assert answer.status_code == 503
        with inside(sol):
            read = select(AuditEvent).where(AuditEvent.deed == DocumentDeed.READ)
            assert db.session.scalars(read).all() == []


class TestWhoMay:
    def test_nobody_else_whatever_their_role(self, lakeside, sign_in, download, shown, odd):
        strangers = [make.member(lakeside, role) for role in Role]
        strangers += [make.mentor(lakeside), make.student(lakeside)]
        for who in strangers:
            client = sign_in(who)
            assert client.get(download).status_code == 404
            assert client.get(f"{FILES}/{shown.id}").status_code == 404
            for path in ("versions", "shown", "delete"):
                assert client.post(f"{FILES}/{shown.id}/{path}").status_code == 404, path
        assert sign_in(odd).get(download).status_code == 404
        assert sign_in(odd).get(download.replace("lakeside", "elsewhere")).status_code == 404

    def test_the_reader_reads_and_changes_nothing(
        self, mara, sign_in, shown, version_id, paired, inside
    ):
        client = sign_in(mara)

        posts = {
            f"{FILES}/{shown.id}/versions": upload(made.pdf("mine")),
            f"{FILES}/{shown.id}/shown": {"pairing": str(paired)},
            f"{FILES}/{shown.id}/shown/{paired}/stop": {},
            f"{FILES}/versions/{version_id}/restore": {},
        }
        for path, data in posts.items():
            assert client.post(path, data=data).status_code == 404, path
        client.post(f"{FILES}/{shown.id}/delete")
        assert client.get(f"{FILES}/{shown.id}").status_code == 200
        assert versions_of(mara, inside) == 1

    @pytest.mark.parametrize("how", ["stopped", "over", "blocked", "blocking", "ended", "asked"])
    def test_showing_ends(self, how, sol, mara, sign_in, download, shown, paired, now, at, inside):
        assert sign_in(mara).get(download).status_code == 200

        if how == "over":
            at(now + shares.USUAL + timedelta(days=1, hours=12))
        with inside(sol):
            if how == "stopped":
                shares.stop(shown, pairing_id=paired, by=sol, now=now)
            elif how == "blocked":
                conflicts.block(other=mara, by=sol, now=now)
            elif how == "blocking":
                conflicts.block(other=sol, by=mara, now=now)
            elif how == "ended":
                partings.finish(my_pairing(paired, member=sol), by=sol, now=now)
            elif how == "asked":
                db.session.get(Pairing, (sol.chapter_id, paired)).state = PairingState.PROPOSED

        assert sign_in(mara).get(download).status_code == 404
        assert sign_in(mara).get(f"{FILES}/{shown.id}").status_code == 404
        assert "Sol Adair" not in sign_in(mara).get(FILES).text
        assert sign_in(sol).get(download).status_code == 200

    def test_it_is_shown_to_the_end_of_the_last_day(self, mara, sign_in, download, now, at):
        last = now + shares.USUAL
        at(last.replace(hour=23))
        assert sign_in(mara).get(download).status_code == 200
        at(last + timedelta(days=1, hours=6))
        assert sign_in(mara).get(download).status_code == 404


class TestShowing:
    def test_to_one_more_person_until_a_day(self, sol, lakeside, keep, inside, sign_in, now):
        ruth = make.mentor(lakeside, "Dr. Ruth Adeyemi")
        pairing_id = make.pairing(ruth, sol, Kind.WELLNESS, state=PairingState.PAUSED)
        with inside(sol):
            document = keep(sol)
        page = f"{FILES}/{document.id}"

        answer = sign_in(sol).post(
            f"{page}/shown", data={"pairing": str(pairing_id), "until": "2026-03-10"}
        )

        assert answer.status_code == 303
        assert 'until <time datetime="2026-03-10"' in sign_in(ruth).get(page).text

    @pytest.mark.parametrize("until", ["2026-03-01", "2027-06-01", "someday"])
    def test_a_day_that_is_none_comes_back(self, sol, shown, paired, sign_in, until):
        answer = sign_in(sol).post(
            f"{FILES}/{shown.id}/shown", data={"pairing": str(paired), "until": until}
        )

        assert answer.status_code == 422
        assert f'value="{until}"' in answer.text

    def test_not_to_somebody_of_no_pairing(self, sol, shown, lakeside, mara, sign_in):
        theirs = make.pairing(mara, make.student(lakeside))

        for pairing in (str(theirs), "x", ""):
            answer = sign_in(sol).post(f"{FILES}/{shown.id}/shown", data={"pairing": pairing})
            assert answer.status_code == 422


class TestVersions:
    def test_a_newer_one_keeps_the_older_which_can_come_back(
        self, sol, mara, shown, version_id, sign_in
    ):
        client, page = sign_in(sol), f"{FILES}/{shown.id}"

        renewed = client.post(f"{page}/versions", data=upload(made.docx(), note="Shorter"))
        assert renewed.status_code == 303
        assert "Shorter" in sign_in(mara).get(page).text
        assert "Older versions" in sign_in(mara).get(page).text

        client.post(f"{FILES}/versions/{version_id}/restore")
        assert "Version 1 again" in client.get(page).text
        assert ">Version 3<" in client.get(page).text

    def test_the_same_again_is_no_version(self, sol, shown, sign_in, inside):
        sign_in(sol).post(f"{FILES}/{shown.id}/versions", data=upload(made.pdf()))

        assert versions_of(sol, inside) == 1

    def test_what_is_refused_leaves_the_page_and_the_note(self, sol, shown, sign_in):
        answer = sign_in(sol).post(
            f"{FILES}/{shown.id}/versions", data=upload(b"MZ", note="Kept note")
        )

        assert answer.status_code == 422
        assert "Kept note" in answer.text

    def test_deleting_asks_once_and_takes_everything(
        self, sol, mara, shown, download, sign_in, inside, work
    ):
        client, page = sign_in(sol), f"{FILES}/{shown.id}"
        assert "gone for good" in client.get(f"{page}/delete").text

        assert client.post(f"{page}/delete").location.endswith("/files")
        work()

        assert sign_in(mara).get(download).status_code == 404
        with inside(sol):
            for table in (Document, DocumentVersion, DocumentShare, StoredChunk):
                assert db.session.scalars(select(table)).all() == []


class TestComments:
    def say(self, client, version_id, pairing_id, words="Lead with the research."):
        return client.post(
            f"{FILES}/versions/{version_id}/comments/{pairing_id}", data={"words": words}
        )

    def test_are_between_the_two(
        self, sol, mara, lakeside, shown, version_id, paired, sign_in, inside, now
    ):
        ruth = make.mentor(lakeside, "Dr. Ruth Adeyemi")
        other = make.pairing(ruth, sol, Kind.WELLNESS, state=PairingState.ACTIVE)
        with inside(sol):
            shares.show(shown, pairing_id=other, until=None, by=sol, now=now)
        page = f"{FILES}/{shown.id}"

        assert self.say(sign_in(mara), version_id, paired).status_code == 303

        assert "Lead with the research." in sign_in(sol).get(page).text
        assert "Lead with the research." in sign_in(mara).get(page).text
        assert "Lead with the research." not in sign_in(ruth).get(page).text
        assert self.say(sign_in(ruth), version_id, paired).status_code == 404

    @pytest.mark.parametrize("words", ["", " \n", "x" * (shares.LONGEST_COMMENT + 1)])
    def test_that_are_none_come_back(self, mara, version_id, paired, sign_in, words):
        answer = self.say(sign_in(mara), version_id, paired, words)

        assert answer.status_code == 422
        assert words.strip() in answer.text

    def test_markup_is_words(self, mara, shown, version_id, paired, sign_in):
        self.say(sign_in(mara), version_id, paired, "<script>alert(1)</script>")

        assert "<script>alert" not in sign_in(mara).get(f"{FILES}/{shown.id}").text


class TestTheStoreIsAway:
    @pytest.fixture
    def away(self, monkeypatch):
        def gone(*_: object, **__: object):
            raise Away

        monkeypatch.setattr(ChunkStore, "put", gone)
        monkeypatch.setattr(ChunkStore, "parts", gone)

    def test_an_upload_comes_back_with_the_rest(self, sol, sign_in, away, inside):
        answer = sign_in(sol).post(NEW, data=upload(made.pdf(), note="Kept note"))

        assert answer.status_code == 422
        assert "try again in a few minutes" in answer.text
        assert "Kept note" in answer.text
        assert versions_of(sol, inside) == 0

    def test_a_download_says_so(self, mara, sign_in, download, away):
        answer = sign_in(mara).get(download)

        assert answer.status_code == 503
        assert "try again in a few minutes" in answer.text


def test_there_is_room_for_so_much_and_so_many(monkeypatch, sol, sign_in):
    monkeypatch.setattr(documents, "ROOM", 3000)
    monkeypatch.setattr(documents, "MOST", 2)
    client = sign_in(sol)

    assert client.post(NEW, data=upload(made.pdf("a", size=1400))).status_code == 303
    assert client.post(NEW, data=upload(made.pdf("b", size=2000))).status_code == 422
    assert client.post(NEW, data=upload(made.pdf("c", size=300))).status_code == 303
    full = client.post(NEW, data=upload(made.pdf("d", size=300)))
    assert full.status_code == 422
    assert "Delete one" in full.text
