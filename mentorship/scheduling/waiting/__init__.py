"""Waiting for a place with a mentor who has none left: a list, an offer, and a yes to it."""
