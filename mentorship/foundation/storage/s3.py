"""Bytes in a store that speaks S3: `FILES_URL=s3://bucket`, and whatever server serves it."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from mentorship.foundation import scope
from mentorship.foundation.settings import Settings
from mentorship.foundation.storage import Away

PART = 1024 * 1024
#: A page waits for the store while somebody waits for the page: seconds, and no long row of tries.
_PATIENCE = Config(
    connect_timeout=3,
    read_timeout=10,
    retries={"max_attempts": 2, "mode": "standard"},
    # The one form that every server of this kind knows.
    s3={"addressing_style": "path"},
    # Newer checksums are unknown to some of them; each version carries a digest of its own.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)

log = logging.getLogger(__name__)


class S3Store:
    """Objects in one bucket, those of a chapter under its id."""

    def __init__(self, settings: Settings) -> None:
        url = urlsplit(settings.files_url)
        asked = {name: values[-1] for name, values in parse_qs(url.query).items()}
        self._bucket = url.netloc
        self._client = boto3.client(
            "s3",
            endpoint_url=asked.get("endpoint"),
            region_name=asked.get("region", "us-east-1"),
            # Without a key of ours the machine's own role is asked, as the client knows to do.
            aws_access_key_id=settings.files_key_id or None,
            aws_secret_access_key=settings.files_secret or None,
            config=_PATIENCE,
        )

    def put(self, key: str, content: BinaryIO, *, now: datetime) -> None:
        content.seek(0)
        with _answering():
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=content,
                ContentType="application/octet-stream",
            )

    def parts(self, key: str) -> Iterator[bytes]:
        with _answering():
            found = self._client.get_object(Bucket=self._bucket, Key=key)
            with closing(found["Body"]) as body:  # used as it is, it hands out what it wraps
                yield from body.iter_chunks(PART)

    def remove(self, key: str) -> None:
        with _answering():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def left_from(self, before: datetime) -> Iterable[str]:
        pages = self._client.get_paginator("list_objects_v2")
        with _answering():
            for page in pages.paginate(Bucket=self._bucket, Prefix=f"{scope.here()}/"):
                for found in page.get("Contents", ()):
                    if found["LastModified"] < before:
                        yield found["Key"]


@contextmanager
def _answering() -> Iterator[None]:
    """Have the client's own no said as ours.

    :raises Away: instead of it.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as no:
        # The class alone: its words name the bucket and the key.
        log.error("file store", extra={"why": type(no).__name__})
        raise Away from no
