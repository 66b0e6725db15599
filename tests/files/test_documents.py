"""What holds of documents, wherever their bytes are: in the database, or in a store that speaks S3.

The store is moto's server, which knows nothing of us, on a port of this machine.
"""

import io
import threading
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest
from moto.server import ThreadedMotoServer
from sqlalchemy import select, text

from mentorship.files import documents, readings, shares
from mentorship.files.models import Document, DocumentVersion, Sort
from mentorship.foundation import scope, storage
from mentorship.foundation import settings as config
from mentorship.foundation.database import db, transaction
from mentorship.foundation.errors import NotYours
from mentorship.foundation.storage.models import StoredChunk
from mentorship.jobs import tasks
from tests import make
from tests.conftest import do_jobs
from tests.files import made


@pytest.fixture(scope="module")
def bucket():
    """A bucket on a real server; what it holds, and the settings that name it."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id="k",
        aws_secret_access_key="s",
    )
    client.create_bucket(Bucket="files")
    try:
        yield client, f"s3://files?endpoint={address}"
    finally:
        client.close()
        server.stop()


@pytest.fixture
def in_s3(bucket, settings) -> config.Settings:
    client, url = bucket
    for kept in client.list_objects_v2(Bucket="files").get("Contents", []):
        client.delete_object(Bucket="files", Key=kept["Key"])  # of an earlier test
    return replace(settings, files_url=url, files_key_id="k", files_secret="s")


@pytest.fixture(params=["database", "s3"])
def store(request, settings) -> storage.Store:
    if request.param == "s3":
        settings = request.getfixturevalue("in_s3")
    return storage.of(settings)


def read(version: DocumentVersion, document: Document, **who) -> bytes:
    with readings.read(version, document, **who) as content:
        return content.read()


@pytest.mark.parametrize("size", [0, 1024 * 1024, 3_500_000])
def test_what_was_kept_comes_back_byte_for_byte(sol, keep, newest, store, now, inside, size):
    content = made.pdf(size=size)
    with inside(sol):
        document = keep(sol, content)
        assert read(newest(document), document, by=sol, store=store, now=now) == content


def test_keys_cannot_be_guessed_and_begin_with_the_chapter(sol, keep, newest, inside):
    with inside(sol):
        keys = {newest(keep(sol, made.pdf(str(n)), name=str(n))).key for n in range(5)}

    assert len(keys) == 5
    for key in keys:
        chapter, _, rest = key.partition("/")
        assert chapter == str(sol.chapter_id)
        assert len(rest) == 32


def test_what_is_gone_from_the_store_is_said(sol, keep, newest, store, now, inside):
    with inside(sol):
        document = keep(sol)
        store.remove(newest(document).key)
        with pytest.raises(storage.Away):
            read(newest(document), document, by=sol, store=store, now=now)


def test_bytes_that_no_version_names_are_swept_up_after_a_day(
    sol, keep, newest, store, now, inside, monkeypatch
):
    monkeypatch.setattr(documents, "MOST", 1)
    with inside(sol):
        document = keep(sol)
        with pytest.raises(documents.TooMany):  # found out only once the bytes are there
            keep(sol, made.pdf("another"), name="another")
        later = now.replace(year=2100)  # what the store calls a day old, its own clock says
        assert documents.sweep(store=store, now=now - timedelta(days=3650)) == 0
        assert documents.sweep(store=store, now=later) == 1
        assert documents.sweep(store=store, now=later) == 0
        assert read(newest(document), document, by=sol, store=store, now=now) == made.pdf()


def test_a_sweep_takes_nothing_of_another_chapter(sol, odd, keep, newest, store, now, inside):
    with inside(odd):
        theirs = keep(odd)
    with inside(sol):
        assert documents.sweep(store=store, now=now.replace(year=2100)) == 0
    with inside(odd):
        assert read(newest(theirs), theirs, by=odd, store=store, now=now) == made.pdf()


def test_a_restored_version_shares_its_bytes_and_takes_no_room(
    sol, keep, newest, store, now, inside
):
    with inside(sol):
        document = keep(sol, made.pdf("first", size=2000))
        first = newest(document)
        facts = {"by": sol, "store": store, "now": now}
        documents.renew(document.id, content=io.BytesIO(made.pdf(size=3000)), **facts)
        again = documents.restore(first, by=sol, now=now)

        assert (again.number, again.key) == (3, first.key)
        assert documents.restore(first, by=sol, now=now) is again
        assert documents.room_used(sol) == 5000


def test_nobody_changes_what_is_not_theirs(sol, mara, keep, newest, store, now, inside, paired):
    with inside(sol):
        document = keep(sol)
        content = io.BytesIO(made.pdf("other"))
        with pytest.raises(NotYours):
            documents.renew(document.id, content=content, by=mara, store=store, now=now)
        with pytest.raises(NotYours):
            documents.restore(newest(document), by=mara, now=now)
        with pytest.raises(NotYours):
            documents.delete_for_good(document.id, by=mara, now=now)
        with pytest.raises(NotYours):
            shares.show(document, pairing_id=paired, until=None, by=mara, now=now)
        with pytest.raises(NotYours):
            shares.stop(document, pairing_id=paired, by=mara, now=now)


class TestInS3:
    @pytest.fixture
    def app_there(self, app, in_s3, monkeypatch):
        monkeypatch.setitem(app.config, "SETTINGS", in_s3)

    def test_the_bytes_are_there_and_not_in_the_database(
        self, app_there, bucket, sol, sign_in, inside, work
    ):
        client = sign_in(sol)
        added = client.post(
            "/c/lakeside/files/new",
            data={"file": (io.BytesIO(made.pdf()), "CV.pdf"), "sort": "cv"},
        )
        with inside(sol):
            version = db.session.scalars(select(DocumentVersion)).one()
            assert db.session.scalars(select(StoredChunk)).all() == []

        kept = bucket[0].get_object(Bucket="files", Key=version.key)
        assert kept["Body"].read() == made.pdf()
        assert kept["ContentType"] == "application/octet-stream"
        downloaded = client.get(f"/c/lakeside/files/versions/{version.id}/download")
        assert downloaded.data == made.pdf()

        client.post(f"{added.location}/delete")
        work()
        left = bucket[0].list_objects_v2(Bucket="files", Prefix=f"{sol.chapter_id}/")
        assert left["KeyCount"] == 0

    def test_a_server_that_is_away_is_a_no_and_keeps_nothing(
        self, settings, app, monkeypatch, sol, sign_in, inside, caplog
    ):
        gone = replace(settings, files_url="s3://files?endpoint=http://127.0.0.1:9")
        gone = replace(gone, files_key_id="k", files_secret="s")
        monkeypatch.setitem(app.config, "SETTINGS", gone)

        answer = sign_in(sol).post(
            "/c/lakeside/files/new",
            data={"file": (io.BytesIO(made.pdf()), "CV.pdf"), "sort": "cv", "note": "Kept note"},
        )

        assert answer.status_code == 422
        assert "try again in a few minutes" in answer.text
        assert "Kept note" in answer.text
        assert str(sol.chapter_id) not in caplog.text
        with inside(sol):
            assert db.session.scalars(select(Document)).all() == []


class TestTheDatabase:
    @pytest.fixture
    def store(self, settings) -> storage.Store:
        return storage.of(settings)

    def test_gives_a_document_to_no_other_chapter(self, sol, odd, keep, inside):
        with inside(sol):
            keep(sol)
        for table in ("documents", "document_versions", "stored_chunks", "document_shares"):
            with inside(odd):
                assert db.session.execute(text(f"SELECT * FROM {table}")).all() == []
            db.session.rollback()
            assert db.session.execute(text(f"SELECT * FROM {table}")).all() == []
            db.session.rollback()

    def test_deleting_and_its_bytes_go_together(self, sol, keep, newest, inside, now):
        with inside(sol):
            document = keep(sol)
            documents.delete_for_good(document.id, by=sol, now=now)
            assert db.session.scalars(select(StoredChunk)).all() != []
        do_jobs()
        with inside(sol):
            assert db.session.scalars(select(StoredChunk)).all() == []

    def test_the_nightly_duty_sweeps(self, app, sol, keep, store, inside, now):
        with inside(sol):
            keep(sol)
            key = storage.new_key()
            storage.of(app.config["SETTINGS"]).put(
                key, io.BytesIO(b"left over"), now=now - timedelta(days=2)
            )
        tasks.sweep_files(0)
        with inside(sol):
            assert key not in db.session.scalars(select(StoredChunk.key)).all()


def test_two_uploads_at_once_do_not_outgrow_the_room(own_database, monkeypatch, settings):
    monkeypatch.setattr(documents, "ROOM", 5000)
    sol = make.student(make.chapter("lakeside"), "Sol Adair")
    store, start, outcomes = storage.of(settings), threading.Barrier(4), []

    def upload(number: int) -> None:
        with own_database.app_context(), scope.chapter(sol.chapter_id):
            start.wait()
            try:
                with transaction():
                    documents.add(
                        content=io.BytesIO(made.pdf(f"{number}", size=2000)),
                        file_name=f"{number}.pdf",
                        sort=Sort.CV,
                        by=sol,
                        store=store,
                        now=make.LONG_AGO,
                    )
                outcomes.append("kept")
            except documents.NoRoom:
                outcomes.append("no room")

    threads = [threading.Thread(target=upload, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["kept", "kept", "no room", "no room"]
    with scope.chapter(sol.chapter_id):
        assert documents.room_used(sol) == 4000


def test_two_newer_versions_at_once_are_two_versions(own_database, settings):
    sol = make.student(make.chapter("lakeside"), "Sol Adair")
    store, start = storage.of(settings), threading.Barrier(3)
    facts = {"by": sol, "store": store, "now": make.LONG_AGO}
    with scope.chapter(sol.chapter_id), transaction():
        content = io.BytesIO(made.pdf())
        document = documents.add(content=content, file_name="CV.pdf", sort=Sort.CV, **facts)

    def renew(number: int) -> None:
        with own_database.app_context(), scope.chapter(sol.chapter_id):
            start.wait()
            with transaction():
                documents.renew(document.id, content=io.BytesIO(made.pdf(str(number))), **facts)

    threads = [threading.Thread(target=renew, args=[number]) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with scope.chapter(sol.chapter_id):
        found = db.session.scalars(select(DocumentVersion.number)).all()
        assert sorted(found) == [1, 2, 3, 4]
