"""What GOV.UK's pagination component wants to know of a list that stands on several pages."""

from collections.abc import Callable


def pagination(
    link: Callable[[int], str], *, number: int, last: int, label: str, words: tuple[str, str] | None = None
) -> dict[str, object]:
    """Return the component's parameters: the first page, the last, and those about the one that is shown.

    `link` makes the address of a page, counted from 1. `label` names the list to screen readers; `words` stand for
    "Previous" and "Next".
    """
    near = {1, last, *range(number - 1, number + 2)}
    items: list[dict[str, object]] = []
    before = 0
    for one in sorted(one for one in near if 1 <= one <= last):
        if one > before + 1:
            items.append({"ellipsis": True})
        items.append({"number": one, "href": link(one), "current": one == number})
        before = one
    previous, following = ({"text": word} for word in words) if words else ({}, {})
    return {
        "landmarkLabel": label,
        "previous": {**previous, "href": link(number - 1)} if number > 1 else None,
        "next": {**following, "href": link(number + 1)} if number < last else None,
        "items": items,
    }
