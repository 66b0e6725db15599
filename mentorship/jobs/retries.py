"""How long work is tried again. Each job waits longer after each failure."""

from dataclasses import dataclass

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.jobs import Job


@dataclass(frozen=True)
class Patiently(BaseRetryStrategy):
    """Try again after `base`, `base`², `base`³ … seconds, but never more than `longest` apart."""

    attempts: int
    base: int = 4
    longest: int = 900

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if self.is_last(job):
            return None
        # Not the power itself first: after a day of failures it would be a number without end.
        wait = self.base ** min(job.attempts + 1, 16)
        return RetryDecision(retry_in={"seconds": min(wait, self.longest)})

    def is_last(self, job: Job) -> bool:
        """Whether the job is given up if it fails this time. `job.attempts` counts from 0."""
        return job.attempts + 1 >= self.attempts


#: A mail server comes back: for about a day.
MAIL = Patiently(attempts=100)
#: A sign-in link is waited for: for about a minute and a half. Whoever asked then asks again.
LINK = Patiently(attempts=4)
#: Whatever works on the database alone: for about twenty minutes.
ALWAYS = Patiently(attempts=7, base=3)
