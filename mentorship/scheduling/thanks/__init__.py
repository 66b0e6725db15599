"""Thanks after a meeting: one line about something in particular, once for a meeting."""
