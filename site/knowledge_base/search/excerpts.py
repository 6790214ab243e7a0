"""Cut from a section's text what shows why it was found, with the words that were looked for marked."""

from collections.abc import Sequence

from markupsafe import Markup, escape
from whoosh.highlight import Formatter, Fragment, Highlighter, PinpointFragmenter
from whoosh.searching import Hit as WhooshHit

_LONGEST_PIECE = 200
_AROUND = 60
_PIECES = 2
_LONGEST_START = 240
_GAP = " … "


def excerpt(hit: WhooshHit) -> Markup:
    """Return the excerpt as safe HTML whose only element is `mark`.

    A section found by its title or keywords shows how it starts; one without text, what its page is about.
    """
    found = _HIGHLIGHTER.highlight_hit(hit, "body", top=_PIECES)
    return Markup(found) if found else escape(_start_of(hit["body"] or hit["summary"]))  # noqa: S704 - escaped by _Marker


def _start_of(text: str) -> str:
    if len(text) <= _LONGEST_START:
        return text
    return text[:_LONGEST_START].rsplit(" ", 1)[0] + _GAP.rstrip()


class _Fragmenter(PinpointFragmenter):  # type: ignore[misc] # Whoosh has no types
    """Cut at spaces, and leave the first and the last word of the text alone, which Whoosh would cut too."""

    @staticmethod
    def _autotrim(fragment: Fragment) -> None:
        text, start, end = fragment.text, fragment.startchar, fragment.endchar
        if start > 0:
            space = text.find(" ", start, fragment.matches[0].startchar)
            fragment.startchar = space + 1 if space >= 0 else fragment.matches[0].startchar
        if end < len(text):
            space = text.rfind(" ", fragment.matches[-1].endchar, end)
            fragment.endchar = space if space >= 0 else fragment.matches[-1].endchar


class _Marker(Formatter):  # type: ignore[misc] # Whoosh has no types
    """Write fragments as HTML: everything escaped, what matched in `mark`, an ellipsis where text is left out."""

    def format(self, fragments: Sequence[Fragment], replace: bool = False) -> Markup:  # noqa: ARG002, FBT001, FBT002
        """Return the HTML. Fragments that overlap become one."""
        html, position = Markup(), 0
        for fragment in fragments:
            if fragment.startchar > position:
                html += _GAP if position else _GAP.lstrip()
                position = fragment.startchar
            for match in fragment.matches:
                html += fragment.text[position : match.startchar]
                html += Markup("<mark>{}</mark>").format(fragment.text[match.startchar : match.endchar])
                position = match.endchar
            html += fragment.text[position : fragment.endchar]
            position = max(position, fragment.endchar)
        return html + _GAP.rstrip() if fragments and position < len(fragments[-1].text) else html


_HIGHLIGHTER = Highlighter(fragmenter=_Fragmenter(_LONGEST_PIECE, _AROUND, autotrim=True), formatter=_Marker())
