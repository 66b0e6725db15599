"""Who may open a page outside the chapters: anybody, for a reason that is given, or the signed-in.

A page of a chapter names a permission instead (`tenancy.access.requires`). A page that says neither
keeps the app from starting.
"""

from collections.abc import Callable
from typing import TypeVar

View = TypeVar("View", bound=Callable)


def open_to(whom: str) -> Callable[[View], View]:
    """Label a page that asks for no sign-in; `whom` says whom it is open to, and why that is safe.

    It is read in the documentation, beside the permissions: "whoever has the link from the mail".
    """

    def label(view: View) -> View:
        view.open_to = whom  # type: ignore[attr-defined]  # functions take any attribute
        return view

    return label


def signed_in(view: View) -> View:
    """Label a page of whoever is signed in, whatever their chapters. Others sign in first."""
    view.signed_in = True  # type: ignore[attr-defined]
    return view
