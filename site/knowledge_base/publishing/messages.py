"""What a commit of ours says: the change note, and lines at its end that the history is read from."""

from knowledge_base.publishing.changes import Change, Contributor

LONGEST_SUBJECT_LINE = 72
PAGE, PUBLICATION, MINOR, APPROVED_BY, RECORDED_AS = (
    *("Page", "Publication", "Small-correction", "Approved-by", "Recorded-as"),
)
# The trailer of a commit with the pages as they are shipped, as far as they have been dealt with.
SHIPPED = "Shipped-content"


def commit_message(change: Change, *, title: str, by: Contributor) -> str:
    """Return the message. Its trailers stand in a last paragraph of their own, so that no note can hold any."""
    first = f"{title}: {change.note.partition(chr(10))[0]}"
    if len(first) > LONGEST_SUBJECT_LINE:
        first = f"{first[: LONGEST_SUBJECT_LINE - 1].rstrip()}…"
    trailers = {
        PAGE: change.subject,
        PUBLICATION: change.name,
        **({MINOR: "yes"} if change.is_minor else {}),
        **({} if by.actor.name == by.author.name else {RECORDED_AS: by.actor.name}),
        **change.trailers,
    }
    lines = "\n".join(f"{key}: {' '.join(value.split())}" for key, value in trailers.items())
    return f"{first}\n\n{change.note}\n\n{lines}\n"


def publication_of(message: str) -> str | None:
    """Return the name of the publication that a commit says it is, or None."""
    lines = reversed(message.splitlines())
    return next((line.partition(": ")[2] for line in lines if line.startswith(f"{PUBLICATION}: ")), None)


def is_of_a_release(message: str) -> bool:
    """Say whether a commit holds pages as they were shipped."""
    return f"\n{SHIPPED}: " in message
