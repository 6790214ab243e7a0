"""Where to go after signing in: only ever to a page of this site."""

import re

HOME = "/"

# One slash, then never two together before the query: two would start another site's name.
PATH_WITHIN_SITE = re.compile(r"/(?!/)(?:[^/?#]|/(?!/))*(?:[?#].*)?")


def safe_destination(target: str | None) -> str:
    """Return the path to go to, or the home page for anything a browser could take for another site's address."""
    # Browsers read a backslash as a slash, and skip line breaks and tabs: those could hide a second slash.
    if target and target.isprintable() and "\\" not in target and PATH_WITHIN_SITE.fullmatch(target):
        return target
    return HOME
