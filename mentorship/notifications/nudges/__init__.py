"""Nudges: small reminders, at most one mail a day, each of them to the one who can act on it.

To add a kind, write one file in `kinds/` that makes a `NudgeKind`, and name it in `registry.py`.
A kind says what it is called, finds in the entered chapter what is `Due` and to whom, and says
each in its own words, with the one page that it leads to. Everything else is done here, for
every kind alike: each is sent once, two at most, again only after a pause, never in somebody's
quiet hours, never to those who turned it off, and not at all when it is done by then: whatever
is not found again at the moment of sending is dropped.

A nudge travels so. Every hour `finding` writes a row for what is due, unique by its kind, its
subject and its number, and puts it into the person's next mail, in one transaction. When that
mail's moment has come, `sending` closes it, asks every chapter of the person again what still
holds, hands one mail over, and writes down what was sent.
"""
