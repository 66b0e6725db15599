"""Group sessions: a mentor meets several students at once, each of whom has a seat."""
