"""Labelling the pages on which somebody sees what is not theirs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from mentorship.audit import trail
from mentorship.audit.sights import Sight
from mentorship.foundation import clock
from mentorship.tenancy.access import current_member

View = TypeVar("View", bound=Callable[..., Any])


def noted(what: Sight, of: str = "") -> Callable[[View], View]:
    """Have it noted who was shown this page, when it was.

    :param of: the argument that names whose or what it is; the chapter, where there is none.
    """

    def label(view: View) -> View:
        @wraps(view)
        def look(**values: Any) -> Any:
            answer = view(**values)
            subject_id = values[of] if of else current_member.chapter_id
            about = [subject_id] if of == "member_id" else []
            trail.saw(what, subject_id, by=current_member, now=clock.now(), about=about)
            return answer

        look.sight = what  # type: ignore[attr-defined]  # functions take any attribute
        return cast(View, look)

    return label
