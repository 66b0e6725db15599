"""The table of permissions as a page of the documentation: who may do what, to which, and when.

`make permissions` writes `docs/security/permissions.md`. No database is needed.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from mentorship.app import create_app
from mentorship.foundation import settings as config
from mentorship.tenancy.roles import SUPPORT, Permission, Reach, Role, Whose

PAGE = Path(__file__).parents[1] / "docs" / "security" / "permissions.md"
_INTRODUCTION = """\
# Who may do what

Made from `mentorship/tenancy/roles.py` by `make permissions`; a test keeps the two the same, and
another one tries every page as every role, in every relationship to its record, in every state.

A page opens for the roles marked ●. What they may then do depends on what they are to the record
(*whose*) and where it stands (*when*; a state that is not named is answered with the reason why
not). Somebody with several roles may do what any of them may. For whoever a record is not meant
for, it does not exist: the answer is 404. What depends on the clock, on limits or on other people's
calendars is no permission, and is said by the verb itself.

The last two columns are for somebody from the network whom the chapter lets help for a while, and
who either looks or runs the program with it. They have no role, and none of it is about what people
wrote to each other.
"""
_INSIDE = """
## Pages of a chapter
"""
_OUTSIDE = """
## Outside the chapters

These ask for no permission of a chapter. *Signed in* means by whatever way, and within the limits
of a session.
"""


def page(app: Flask) -> str:
    """The whole page, as Markdown."""
    return "\n".join(
        [_INTRODUCTION, *_permissions(), _INSIDE, *_inside(app), _OUTSIDE, *_outside(app), ""]
    )


def _permissions() -> Iterator[str]:
    yield f"| | {' | '.join(_HEADS)} | whose | when |"
    yield f"|---|{'---|' * (len(_HEADS) + 2)}"
    yield from map(_row, Permission)


_HEADS = [*(role.label.lower() for role in Role), "helper, looks", "helper, runs"]


def _row(permission: Permission) -> str:
    carried = [role in permission.roles for role in Role]
    carried += [permission in SUPPORT[reach] for reach in Reach]
    whose = "" if permission.whose is Whose.CHAPTERS else permission.whose
    when = ", ".join(sorted(permission.when or ())).replace("_", " ")
    marks = " | ".join("●" if each else "" for each in carried)
    return f"| {permission.words} (`{permission}`) | {marks} | {whose} | {when} |"


def _inside(app: Flask) -> Iterator[str]:
    yield "| page | permission |"
    yield "|---|---|"
    for rule in _sorted(app.url_map.iter_rules()):
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        if permission:
            yield f"| {_address(rule)} | `{permission}` |"


def _outside(app: Flask) -> Iterator[str]:
    yield "| page | open to |"
    yield "|---|---|"
    for rule in _sorted(app.url_map.iter_rules()):
        view = app.view_functions[rule.endpoint]
        if not hasattr(view, "permission"):
            whom = getattr(view, "open_to", "whoever is signed in")
            yield f"| {_address(rule)} | {whom} |"


def _address(rule: Rule) -> str:
    methods = ", ".join(sorted({"GET", "POST"} & (rule.methods or set())))
    return f"`{methods} {rule.rule}`"


def _sorted(rules: Iterable[Rule]) -> list[Rule]:
    return sorted(rules, key=lambda rule: (rule.rule, sorted(rule.methods or ())))


def main() -> None:
    environment = {
        "CURBSIDE_ENV": "test",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
        "SECRET_KEY": "for a page of the documentation, and for nothing else",
        "SMTP_PORT": "25",
    }
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(create_app(config.load(environment))), encoding="utf-8")


if __name__ == "__main__":
    main()
