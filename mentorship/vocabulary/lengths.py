"""How long a meeting may be, in minutes."""

#: Talks at the end of a rotation and meet-ups at a conference are the short ones.
LENGTHS = (10, 15, 20, 25, 30)
#: What a mentor takes who has not chosen: a proper conversation.
CUSTOMARY = (20, 25, 30)
#: What is chosen for people first, where a mentor takes it.
USUAL = 25
