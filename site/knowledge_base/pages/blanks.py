"""A page as all people get it who may read the same: what is of one person is left blank, and filled in for each.

It is filled in for a made-up person who differs from the one who asks in all but their rights, so nothing of the one
for whom it happened to be made can be in it.
"""

import secrets
import zlib
from dataclasses import dataclass, replace

from markupsafe import escape

from knowledge_base.access.policy import Viewer

# No account has this number.
NOBODYS_ACCOUNT = 0
# The quickest. A page comes to a quarter of its size.
_LEVEL = 1


@dataclass(frozen=True)
class Blanks:
    """What stands in a page in place of a person's name and of the token of their forms. Nobody can guess it."""

    name: str
    token: str

    @classmethod
    def new(cls) -> "Blanks":
        """Return what no other page has."""
        return cls(secrets.token_hex(16), secrets.token_hex(16))


@dataclass(frozen=True)
class PageWithBlanks:
    """A page that is kept, packed, until it is filled in for somebody."""

    packed: bytes
    blanks: Blanks

    @classmethod
    def of(cls, html: str, blanks: Blanks) -> "PageWithBlanks":
        """Return the page as it is kept."""
        return cls(zlib.compress(html.encode(), _LEVEL), blanks)

    @property
    def size(self) -> int:
        """How many bytes it takes."""
        return len(self.packed)

    def filled_in(self, *, name: str, token: str) -> str:
        """Return the page for one person."""
        html = zlib.decompress(self.packed).decode()
        # The name last: whatever it is, nothing is looked for in it.
        return html.replace(self.blanks.token, token).replace(self.blanks.name, str(escape(name)))


def rights_of(viewer: Viewer) -> Viewer:
    """Return all that decides what somebody gets: everything that is known of them but which account, and its name."""
    return replace(viewer, account_id=NOBODYS_ACCOUNT, name="")


def may_share(viewer: Viewer) -> bool:
    """Say whether somebody gets what others with the same rights get.

    Not whoever has a role: what they may do with a page is asked of the disk each time. Not whoever views the site as
    another reader either: their pages say so.
    """
    # Of whom more is known than this, or anything else, nobody has thought here.
    return viewer.is_signed_in and viewer == Viewer(viewer.account_id, viewer.name, viewer.groups)
