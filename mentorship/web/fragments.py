"""Answering htmx with only the part of a page that changes."""

from flask import request


def wanted() -> bool:
    """Whether only that part is wanted; the browser's own way back needs the whole page."""
    headers = request.headers
    return "HX-Request" in headers and "HX-History-Restore-Request" not in headers
