"""Calendar feeds: a mentor's other calendars and shifts, read into times that are not offered.

Only start, end and kind of shift are kept. Titles, places and people never leave `reading`.
"""
