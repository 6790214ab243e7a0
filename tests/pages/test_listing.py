"""What stands beside a page, for those who may read it."""

from knowledge_base.access.policy import ANONYMOUS, Viewer
from knowledge_base.pages.edition import Edition
from tests.content_folder import AUDIENCES, ContentFolder

STAFF = Viewer(account_id=1, groups=frozenset({"staff"}))


def edition_of(content: ContentFolder) -> Edition:
    content.file("_data/audiences.yml", AUDIENCES)
    content.page("index")
    content.page("duty/index", order=20)
    content.page("duty/second", order=20)
    content.page("duty/first", order=10)
    content.page("duty/gated", audience="staff", order=15)
    content.page("duty/deeper/index")
    content.page("staff/index", audience="staff", order=10)
    return content.edition()


def urls(edition: Edition, viewer: Viewer, name: str) -> dict[str, list[str]]:
    may_read = edition.may_read(viewer)
    return {
        "siblings": [page.url for page in edition.siblings(edition.pages[name], may_read)],
        "children": [page.url for page in edition.children(edition.pages[name], may_read)],
        "areas": [page.url for page in edition.areas(may_read)],
    }


def test_a_reader_gets_the_readable_pages_beside_a_page_in_order(content: ContentFolder) -> None:
    found = urls(edition_of(content), ANONYMOUS, "/duty")

    assert found == {
        "siblings": ["/duty", "/duty/first", "/duty/second"],
        "children": ["/duty/first", "/duty/second", "/duty/deeper"],
        "areas": ["/duty"],
    }


def test_another_reader_of_the_same_edition_gets_their_own(content: ContentFolder) -> None:
    edition = edition_of(content)
    urls(edition, ANONYMOUS, "/duty")

    found = urls(edition, STAFF, "/duty")

    assert found == {
        "siblings": ["/duty", "/duty/first", "/duty/gated", "/duty/second"],
        "children": ["/duty/first", "/duty/gated", "/duty/second", "/duty/deeper"],
        "areas": ["/staff", "/duty"],
    }
