"""How the domain says no."""


class Refusal(Exception):
    """A no from the domain, in words fit for the person who asked.

    Each refusal is defined beside the verb that raises it, and named for the fact. Where the
    sentence depends on the case, the verb passes it in.
    """

    sentence = ""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.sentence)

    def __str__(self) -> str:
        return self.args[0]


class NotYours(Exception):
    """The record does not exist for this person. Pages answer 404, and say nothing else."""
