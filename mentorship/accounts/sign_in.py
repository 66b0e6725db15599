"""Being let in. Every way in ends with an `Admitted` handed to Flask-Login."""

from dataclasses import dataclass
from uuid import UUID

from flask_login import UserMixin


@dataclass(frozen=True)
class Admitted(UserMixin):
    """A person whose way in was proven just now."""

    user_id: UUID

    def get_id(self) -> str:
        return str(self.user_id)
