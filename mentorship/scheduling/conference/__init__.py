"""Conference meet-ups: a mentor stands somewhere for a while, and students take a few minutes."""
