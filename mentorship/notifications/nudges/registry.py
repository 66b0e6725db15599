"""Every kind of nudge there is, in the order in which a mail and the check boxes show them."""

from mentorship.notifications.nudges.kind import NudgeKind
from mentorship.notifications.nudges.kinds.action_item import ACTION_ITEM_NUDGE
from mentorship.notifications.nudges.kinds.agenda import AGENDA_NUDGE
from mentorship.notifications.nudges.kinds.check_in import CHECK_IN_NUDGE
from mentorship.notifications.nudges.kinds.first_meeting import FIRST_MEETING_NUDGE
from mentorship.notifications.nudges.kinds.quiet import QUIET_NUDGE
from mentorship.notifications.nudges.kinds.term import TERM_NUDGE
from mentorship.notifications.nudges.kinds.thanks import THANKS_NUDGE
from mentorship.notifications.nudges.kinds.update import UPDATE_NUDGE

KINDS: dict[str, NudgeKind] = {
    kind.name: kind
    for kind in (
        AGENDA_NUDGE,
        FIRST_MEETING_NUDGE,
        CHECK_IN_NUDGE,
        ACTION_ITEM_NUDGE,
        THANKS_NUDGE,
        UPDATE_NUDGE,
        QUIET_NUDGE,
        TERM_NUDGE,
    )
}
