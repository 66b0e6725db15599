"""Standing meetings: the two of a pairing meet every so many weeks, without asking each time."""
