"""What happened to one's account."""

from uuid import UUID

from flask import render_template, request
from flask_login import current_user

from mentorship.accounts import activity as happened
from mentorship.accounts.views import bp
from mentorship.web.labels import signed_in


@bp.get("/account/activity")
@signed_in
def activity() -> str:
    after = request.args.get("after", type=UUID)
    session_id = current_user.session.id
    page = happened.page(current_user.user_id, session_id=session_id, after=after)
    return render_template("accounts/activity.html", page=page, after=after)
