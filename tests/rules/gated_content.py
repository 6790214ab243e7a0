"""A content folder with a folder for each audience, for the rules about pages and routes."""

from tests.content_folder import ContentFolder


def write_gated_pages(content: ContentFolder) -> None:
    """Write pages that are open, gated, and none."""
    content.page("index")
    for folder, audience in {"open": None, "members": "members", "staff": "staff", "staff/leads": "leads"}.items():
        content.page(f"{folder}/index", audience=audience)
        content.page(f"{folder}/page")
    content.page("open/members", audience="members")
    content.page("open/staff", audience="staff")
    content.page("members/staff", audience="staff")
    content.page("staff/said-open", audience="open")
    content.page("no-index/page")
    content.page("open/no-such-audience", audience="managers")
    content.page("_drafts/page")
    content.file("open/_files/page/form.txt", "A form.")
    content.page(".hidden/page")
