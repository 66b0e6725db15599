"""One's own profile."""

from mentorship.profiles.views import bp
from mentorship.tenancy.access import requires
from mentorship.tenancy.roles import Permission


@bp.get("/profile")
@requires(Permission.PROFILE_EDIT)
def edit():
    return "edit"
