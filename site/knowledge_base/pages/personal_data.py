"""Find the addresses and numbers of single people in a text. Teams have mailboxes and switchboards; people move on."""

import re
from collections.abc import Collection, Iterator

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.inline import may_use
from knowledge_base.pages.values import Contact, LocalData

_ADDRESS = re.compile(r"(?<![\w.+-])(?P<local>[\w][\w.+'-]*)@(?P<domain>[\w-]+(?:\.[\w-]+)+)")
_LIKE_A_NAME = re.compile(r"(?P<first>[a-z]{1,20})[._-](?P<last>[a-z'-]{2,30})[0-9]{0,2}", re.IGNORECASE)
# 07 and nine more digits, also as +44 7 or 0044 7, with spaces or hyphens anywhere. Nothing else in the United Kingdom
# starts so but pagers and numbers that follow one person.
_MOBILE = re.compile(r"(?<![\d+])(?:\+44[\s-]?(?:\(0\)[\s-]?)?|0044[\s-]?|0)7(?:[\s-]?\d){9}(?!\d)")
# Addresses of nobody, for examples (RFC 2606).
_EXAMPLE = re.compile(r"(?:.+\.)?example(?:\..+)?", re.IGNORECASE)
# What stands in the name of a mailbox that is not a person's.
_WORDS_OF_TEAMS = (
    *("admin", "adult", "asu", "asylum", "care", "channel", "child", "clerk", "comm", "contact", "council", "court"),
    *("democra", "desk", "direct", "duty", "early", "educat", "enquir", "famil", "front", "govern", "health", "help"),
    *("home", "hous", "inbox", "info", "learn", "legal", "library", "licens", "local", "mail", "mash", "member", "nrm"),
    *("office", "out", "panel", "police", "prevent", "press", "public", "referral", "register", "safeguard", "school"),
    *("secure", "service", "social", "staff", "support", "team", "train", "transfer", "uasc", "virtual", "youth"),
)

Said = tuple[str, str]


def known_addresses(data: LocalData, requirement: Requirement) -> frozenset[str]:
    """Return the addresses of the data files that all readers of something may have, in small letters."""
    texts = [contact.email or "" for contact in data.contacts.values() if may_use(contact, requirement)]
    texts += [value.value or "" for value in data.values.values() if may_use(value, requirement)]
    return frozenset(found[0].lower() for text in texts for found in _ADDRESS.finditer(text))


def personal_data_in(text: str, known: Collection[str]) -> Iterator[Said]:
    """Yield what is wrong, and what to do, for each address that is not `known` and each mobile number."""
    for address in _ADDRESS.finditer(text) if "@" in text else ():
        if address[0].lower() in known or _EXAMPLE.fullmatch(address["domain"]):
            continue
        if _is_a_persons(address["local"]):
            yield f"{address[0]} looks like a person's own address", "give a team's, from contacts.yml"
        else:
            message = f"{address[0]} is not in contacts.yml for those who read this"
            yield message, "add it there, and write {{ contact.….email }} here"
    for number in _MOBILE.finditer(text):
        yield (
            f"{number[0]} is a mobile number",
            "give the team's number, from contacts.yml: no person's stands on a page",
        )


def doubts_about(contact: Contact) -> Iterator[Said]:
    """Yield what of a contact looks like one person's. The data files may hold a duty team's mobile number."""
    for address in _ADDRESS.finditer(contact.email or ""):
        if _is_a_persons(address["local"]):
            message = f"the address of '{contact.name}' looks like a person's own"
            yield message, "use the mailbox of a team, which stays when people go"
    if _MOBILE.search(contact.phone or ""):
        message = f"the number of '{contact.name}' is a mobile number"
        yield message, "make sure that it is a team's and not somebody's own"


def _is_a_persons(local: str) -> bool:
    return bool(_LIKE_A_NAME.fullmatch(local)) and not any(word in local.lower() for word in _WORDS_OF_TEAMS)
