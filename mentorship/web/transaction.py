"""One request, one transaction: it is kept only when the answer is below 400."""

from flask import Flask, Response, request

from mentorship.foundation.database import db

READS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_app(app: Flask) -> None:
    @app.after_request
    def keep_or_drop(response: Response) -> Response:
        if request.method in READS or response.status_code >= 400:
            db.session.rollback()
        else:
            db.session.commit()
        return response
