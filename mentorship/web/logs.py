"""Structured logs: one line a request, and the request's id on every line that it causes."""

import json
import logging
import sys
import time
from datetime import UTC, datetime
from secrets import token_hex

from flask import Flask, Response, g, has_request_context, request

from mentorship.foundation.settings import Settings

log = logging.getLogger("mentorship.request")

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """A record as one line of JSON, with whatever was passed as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "says": record.getMessage(),
        } | _extra(record)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        extra = " ".join(f"{name}={value}" for name, value in _extra(record).items())
        text = f"{self.formatTime(record, '%H:%M:%S')} {record.levelname:7} {record.getMessage()}"
        if record.exc_info:
            extra += "\n" + self.formatException(record.exc_info)
        return f"{text} {extra}".rstrip()


def set_up(settings: Settings) -> None:
    """Send every log of this process to standard error, in the settings' form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.log_format == "json" else TextLines())
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    # Their info lines repeat ours, and one of them prints the arguments of jobs.
    for noisy in ("procrastinate", "alembic", "_granian", "mail.log"):
        logging.getLogger(noisy).setLevel("WARNING")


def init_app(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.request_id, g.began = token_hex(8), time.perf_counter()

    @app.after_request
    def note(response: Response) -> Response:
        response.headers["X-Request-ID"] = g.request_id
        if request.endpoint != "static":
            log.info(
                "request",
                extra={
                    "method": request.method,
                    # The rule, not the path: paths may hold one-time tokens.
                    "route": request.url_rule.rule if request.url_rule else "(none)",
                    "status": response.status_code,
                    "ms": round((time.perf_counter() - g.began) * 1000, 1),
                    "chapter": g.get("chapter_slug"),
                },
            )
        return response


def request_id() -> str:
    """The id that this request's log lines carry, to be shown on its error page."""
    return g.get("request_id", "") if has_request_context() else ""


def _extra(record: logging.LogRecord) -> dict:
    extra = {
        name: value
        for name, value in record.__dict__.items()
        if name not in _PLAIN and value is not None
    }
    return extra | ({"request": request_id()} if request_id() else {})
