"""The kinds of nudges, a file each: what is due, to whom, and how it is said."""
