"""From the words of a page to the glossary: once a term, where it helps, and only what the reader may read."""

import gc
import weakref

import pytest
from flask.testing import FlaskClient

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.glossary import Glossary, Term, terms_of
from knowledge_base.pages.term_links import link_terms
from tests.content_folder import ContentFolder

OPEN = Requirement()
STAFF = Requirement(frozenset({"staff"}))
NTS = Term("National Transfer Scheme", "/glossary#nts", OPEN, short_forms=("NTS",), other_names=("transfer scheme",))
PREVENT = Term("Prevent", "/glossary#prevent", OPEN, linked="exact")
DUTY = Term("Prevent duty", "/glossary#prevent-duty", OPEN)
GROUP = Term("Prevent Steering Group", "/glossary#psg", OPEN, short_forms=("PSG",))
GRIEVANCE = Term("Grievance", "/glossary#grievance", OPEN)
NEVER = Term("Young person", "/glossary#young", OPEN, linked="never")
GLOSSARY = Glossary([NTS, PREVENT, DUTY, GROUP, GRIEVANCE, NEVER])


def linked(html: str) -> str:
    """Return the HTML with each link to a term as [words]."""
    result = link_terms(html, GLOSSARY)
    for term in GLOSSARY.terms:
        result = result.replace(f'<a href="{term.url}" class="kb-term-link">', "[")
    return result.replace("</a>", "]")


def test_the_first_use_of_a_term_is_linked_and_no_other() -> None:
    assert linked("<p>A grievance and a grievance.</p><p>Grievance</p>") == (
        "<p>A [grievance] and a grievance.</p><p>Grievance</p>"
    )


def test_several_terms_in_one_paragraph_keep_their_places() -> None:
    html = "<p>One grievance, the <strong>Prevent duty</strong> and Prevent itself, then the NTS (here).</p>"

    assert linked(html) == (
        "<p>One [grievance], the <strong>[Prevent duty]</strong> and [Prevent] itself, then the [NTS] (here).</p>"
    )


def test_the_longest_term_is_meant() -> None:
    assert linked("<p>The Prevent duty.</p>") == "<p>The [Prevent duty].</p>"


def test_a_plural_belongs_to_the_link() -> None:
    assert linked("<p>Old grievances</p>") == "<p>Old [grievances]</p>"


@pytest.mark.parametrize("text", ["aggrievance", "grievance-led", "prevent", "preventing", "young person", "nts"])
def test_what_only_looks_like_a_term_is_left_alone(text: str) -> None:
    assert linked(f"<p>{text}</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize("tag", ["h2", "h3", "code", "blockquote"])
def test_headings_code_and_quotations_are_left_alone(tag: str) -> None:
    assert linked(f"<{tag}>Prevent</{tag}>") == f"<{tag}>Prevent</{tag}>"


def test_links_and_contacts_are_left_alone() -> None:
    html = '<p><a href="/x">The Prevent duty</a></p><div class="kb-contact"><p>Prevent</p></div>'

    assert "kb-term-link" not in link_terms(html, GLOSSARY)


def test_an_abbreviation_that_comes_unexplained_is_explained() -> None:
    assert linked("<p>The NTS moves children.</p>") == "<p>The [NTS] (National Transfer Scheme) moves children.</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<p>The National Transfer Scheme (NTS) moves children.</p>",
        "<h2>The National Transfer Scheme</h2><p>The NTS moves children.</p>",
        "<p>A transfer scheme, the NTS.</p>",
        "<p>The NTS (National Transfer Scheme) moves children.</p>",
        "<p>NTS is short for National Transfer Scheme.</p>",
        "<p>The National\nTransfer Scheme.</p><p>The NTS.</p>",
    ],
)
def test_an_abbreviation_that_the_page_explains_is_not_explained_again(html: str) -> None:
    words = link_terms(html, GLOSSARY)

    assert words.count("(National Transfer Scheme)") == html.count("(National Transfer Scheme)")


def test_a_name_keeps_its_capital_in_an_explanation() -> None:
    assert "(Prevent Steering Group)" in linked("<p>The PSG meets.</p>")
    assert GLOSSARY.within_a_sentence(GRIEVANCE) == "grievance"


def test_without_terms_a_page_stays_as_it_is() -> None:
    assert link_terms("<p>Prevent</p>", Glossary([])) == "<p>Prevent</p>"


def test_terms_are_read_from_the_pages_of_the_glossary(content: ContentFolder) -> None:
    content.page(
        "glossary/index",
        "## Channel {#channel}\n\n/// term\n    short: [CH]\n    also: [programme]\n    link: exact\n///\n\nHelp.\n\n"
        "## Plain\n\nWords.\n",
    )
    edition = content.edition()
    page = edition.pages["/glossary"]

    assert list(terms_of(page, edition.document(page))) == [
        Term("Channel", "/glossary#channel", OPEN, ("CH",), ("programme",), "Help.", "exact"),
        Term("Plain", "/glossary#plain", OPEN, definition="Words."),
    ]


def test_a_reader_gets_only_links_to_terms_that_reader_may_read(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("glossary/index", "## Channel\n\nHelp.\n")
    content.page(
        "glossary/staff/index", "## Brief enquiry\n\n/// term\n    short: [BE]\n///\n\nSecret.\n", audience="staff"
    )
    content.page("page", "Channel, BE and brief enquiry.\n\n## On\n\nWords.\n")

    html = anonymous.get("/page").get_data(as_text=True)

    assert '<a href="/glossary#channel" class="kb-term-link">Channel</a>, BE and brief enquiry.' in html


def test_staff_get_links_to_the_terms_of_staff(content: ContentFolder, staff: FlaskClient) -> None:
    content.page("glossary/index")
    content.page(
        "glossary/staff/index", "## Brief enquiry\n\n/// term\n    short: [BE]\n///\n\nSecret.\n", audience="staff"
    )
    content.page("page", "The BE.\n")
    staff.application.extensions["library"].refresh()

    html = staff.get("/page").get_data(as_text=True)

    assert '<a href="/glossary/staff#brief-enquiry" class="kb-term-link">BE</a> (brief enquiry).' in html


def test_the_glossary_does_not_link_to_itself(content: ContentFolder, anonymous: FlaskClient) -> None:
    content.page("glossary/index", "## Channel\n\nHelp.\n\n## Panel\n\nOf Channel.\n")

    assert "kb-term-link" not in anonymous.get("/glossary").get_data(as_text=True)


def test_what_was_made_with_a_glossary_goes_with_it() -> None:
    glossary = Glossary(GLOSSARY.terms)
    link_terms("<p>Words of a draft.</p>", glossary)
    kept = weakref.ref(glossary)

    del glossary
    gc.collect()

    assert kept() is None
