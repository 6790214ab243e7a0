"""Passwords that many people use, and those a program would try among the first ten million.

Both come from zxcvbn: its list of the 30,000 passwords most often found in breaches, and its estimate.
"""

import unicodedata
from functools import lru_cache
from string import digits, punctuation

# Looking further would take seconds for some passwords. What is easy to guess so far does not get safe by going on.
LONGEST_ESTIMATED = 24
FEWEST_GUESSES = 10_000_000


def is_common(password: str) -> bool:
    """Say whether the password is a common one, also with other capitals, or with digits and signs around it."""
    folded = "".join(unicodedata.normalize("NFKC", password).casefold().split())
    return any(form in _common() for form in (folded, folded.strip(digits + punctuation))) or _is_easy(folded)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    # Imported when the first password is chosen: its lists take 14 MB, and most processes never need them.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(FREQUENCY_LISTS["passwords"])


def _is_easy(folded: str) -> bool:
    from zxcvbn import zxcvbn  # noqa: PLC0415

    return bool(zxcvbn(folded[:LONGEST_ESTIMATED])["guesses"] < FEWEST_GUESSES)
