"""One request, one transaction: it is kept only when the answer is below 400.

What was noted for afterwards is written before the answer leaves. If that fails, so does the
request: whoever may look without leaving a trace could look at everything.
"""

from flask import Flask, Response, request

from mentorship.foundation import afterwards, origin
from mentorship.foundation.database import db

READS = frozenset({"GET", "HEAD", "OPTIONS"})
#: A form that comes back with its errors shows what its page shows.
SHOWN_AGAIN = 422


def init_app(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        origin.arrive(request.remote_addr or "")
        afterwards.begin()

    @app.after_request
    def keep_or_drop(response: Response) -> Response:
        if request.method in READS or response.status_code >= 400:
            db.session.rollback()
        else:
            db.session.commit()
        code = response.status_code
        afterwards.write(shown=code < 400 or code == SHOWN_AGAIN)
        return response

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        afterwards.end()
        origin.depart()
