"""The timeline of a pairing: everything that happened between two people, a page at a time."""
