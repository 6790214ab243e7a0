"""Fingerprints of the source documents, which are not ours to publish: enough to see whether the site copies from them.

`python -m tests.source_prints FOLDER` makes both files anew from the documents' texts in FOLDER (*.txt).
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_RUN = 11
RUNS = Path(__file__).with_name("source_runs.bin")
PEOPLE = Path(__file__).with_name("source_people.txt")

_SIZE = 6
_QUOTED = re.compile(r"\"[^\"]{0,600}\"|“[^”]{0,600}”")
_LINK_TARGET = re.compile(r"\]\([^)]*\)")
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_MOBILE = re.compile(r"(?:\+44\s?|\b0)7\d{3}\s?\d{3}\s?\d{3}\b")
# Mailboxes of services, and switchboards, may be printed.
_SERVICES = ("child.asuappointment@", "admin.ww4ri@", "direct.democracy@")


def runs_of(text: str) -> Iterator[tuple[bytes, str]]:
    """Yield the fingerprint, and the words, of each run of twelve words outside quotation marks."""
    plain = _LINK_TARGET.sub("]", _QUOTED.sub(" . ", text.replace("’", "'")))
    words = re.findall(r"[a-z0-9']+", plain.lower())
    for start in range(len(words) - LONGEST_RUN):
        run = " ".join(words[start : start + LONGEST_RUN + 1])
        yield hashlib.blake2b(run.encode(), digest_size=_SIZE).digest(), run


def people_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield the fingerprint, and the words, of each e-mail address of a person and each mobile number."""
    for found in (*_ADDRESS.finditer(text), *_MOBILE.finditer(text)):
        plain = re.sub(r"\s", "", found[0].lower())
        is_person = "@" not in plain or "." in plain.partition("@")[0]
        if is_person and not plain.startswith(_SERVICES):
            yield hashlib.sha256(plain.encode()).hexdigest(), plain


def known_runs() -> frozenset[bytes]:
    """Return the fingerprints of every run of the sources."""
    kept = RUNS.read_bytes()
    return frozenset(kept[start : start + _SIZE] for start in range(0, len(kept), _SIZE))


def known_people() -> frozenset[str]:
    """Return the fingerprints of the addresses and numbers of people in the sources."""
    return frozenset(PEOPLE.read_text(encoding="utf-8").split())


def _write(folder: Path) -> None:
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in sorted(folder.glob("*.txt"))]
    RUNS.write_bytes(b"".join(sorted({print_ for text in texts for print_, _ in runs_of(text)})))
    PEOPLE.write_text(
        "".join(f"{one}\n" for one in sorted({print_ for text in texts for print_, _ in people_of(text)}))
    )


if __name__ == "__main__":
    _write(Path(sys.argv[1]))
