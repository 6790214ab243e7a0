"""What stands around every page: the site's name, the emergency numbers, the areas. Also around an error page."""

from dataclasses import dataclass

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.inline import may_use
from knowledge_base.pages.page import MayRead
from knowledge_base.pages.page_view import Link, areas

OPEN = Requirement()
NAME_WITHOUT_HOME_PAGE = "Knowledge base"


@dataclass(frozen=True)
class EmergencyContact:
    """A number that is one glance away on every page."""

    name: str
    phone: str


# Used where contacts.yml cannot be read or lacks one: these must be on every page whatever happens.
# Source: https://www.gov.uk/report-terrorism
EMERGENCY_CONTACTS = {
    "emergency": EmergencyContact("Emergency services", "999"),
    "anti-terrorist-hotline": EmergencyContact("Anti-Terrorist Hotline (police)", "0800 789 321"),
}


@dataclass(frozen=True)
class Frame:
    """The values that the layout shows."""

    site_name: str = NAME_WITHOUT_HOME_PAGE
    emergency_contacts: tuple[EmergencyContact, ...] = tuple(EMERGENCY_CONTACTS.values())
    areas: tuple[Link, ...] = ()
    council_name: str | None = None


def frame_for(edition: Edition, may_read: MayRead, *, url: str) -> Frame:
    """Return the frame for one reader at one address."""
    home = edition.page("/")
    council = edition.data.values.get("name")
    return Frame(
        site_name=home.meta.title if home else NAME_WITHOUT_HOME_PAGE,
        emergency_contacts=tuple(_emergency_contact(edition, key) for key in EMERGENCY_CONTACTS),
        areas=areas(edition, may_read, url=url),
        council_name=council.value if council and may_use(council, OPEN) and not council.provenance else None,
    )


def _emergency_contact(edition: Edition, key: str) -> EmergencyContact:
    known = edition.data.contacts.get(key)
    if known is None or not known.phone or not may_use(known, OPEN):
        return EMERGENCY_CONTACTS[key]
    return EmergencyContact(known.name, known.phone)
