"""A comms officer changes a page in a real browser: what they type is kept, checked, previewed, published and found."""

import re
import secrets

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.editing.test_word_import import DOCUMENT
from tests.journeys.accessibility import check, check_shown
from tests.journeys.conftest import Site, sign_in_with_role
from tests.pages.files_of_pages import png

PAGE = "training/courses"
# Where nothing depends on how wide the window is.
AT_A_DESK = pytest.mark.parametrize("page", [1280], indirect=True)


@pytest.fixture
def officer(site: Site, page: Page) -> Page:
    """A window in which a comms officer has signed in, who publishes what everybody may read."""
    return sign_in_with_role(site, page, name="Comms Officer", role="editor")


def write(page: Page, words: str) -> None:
    """Type words at the end of the text."""
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(words)


def test_a_page_is_changed_mended_previewed_published_and_found(officer: Page) -> None:
    word = f"pelican{secrets.token_hex(3)}"
    officer.goto(f"/{PAGE}")
    officer.get_by_role("link", name="Edit this page").click()
    write(officer, f"\n\n## Where the {word} course is held\n\nIn [the hall](/nothing-here).\n")

    expect(officer.locator("[data-kb-notes]")).to_contain_text("/nothing-here leads nowhere")
    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    expect(officer.locator("[data-kb-preview]")).to_contain_text(word)
    check_shown(officer)

    for _ in "[the hall](/nothing-here).\n":
        officer.keyboard.press("Backspace")
    officer.keyboard.insert_text("the hall.\n")
    expect(officer.locator("[data-kb-notes]")).not_to_contain_text("leads nowhere")
    officer.get_by_label("Preview as").select_option(label="Anonymous reader")
    expect(officer.locator("[data-kb-preview]")).to_contain_text(f"Where the {word} course is held")
    officer.get_by_role("button", name="Check and publish").click()

    check_shown(officer)
    officer.get_by_label("What changed, for readers").fill("Say where the course is held")
    warnings = officer.get_by_label("I have looked at the warnings")
    if warnings.count():
        warnings.check()
    officer.get_by_role("button", name="Publish", exact=True).click()
    expect(officer.get_by_role("heading", level=1)).to_have_text("Published")
    check_shown(officer)

    officer.goto(f"/search?q={word}")
    officer.get_by_role("main").get_by_role("link", name=re.compile(word)).first.click()
    expect(officer).to_have_url(re.compile(f"/{PAGE}#"))


@AT_A_DESK
def test_what_is_typed_survives_the_end_of_the_sign_in(officer: Page) -> None:
    word = f"heron{secrets.token_hex(3)}"
    officer.goto(f"/edit/{PAGE}")
    write(officer, f"\n\nAbout the {word}.\n")
    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    kept = officer.context.cookies()
    officer.context.clear_cookies()

    write(officer, "Typed while signed out.\n")
    expect(officer.locator("[data-kb-state]")).to_contain_text("You have been signed out", timeout=15_000)
    officer.context.add_cookies([{**cookie} for cookie in kept])  # type: ignore[typeddict-item]

    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    officer.goto(f"/edit/{PAGE}")
    expect(officer.locator("textarea[name=kb-body]")).to_have_value(re.compile("Typed while signed out."))


@AT_A_DESK
def test_a_text_that_was_kept_is_said_to_be_no_longer_unsaved_once_it_is(officer: Page) -> None:
    officer.goto("/edit/training/how-often")
    write(officer, "\n\nTyped before the end.\n")
    kept = officer.context.cookies()
    officer.context.clear_cookies()
    officer.get_by_role("button", name="Save draft").click()
    expect(officer).to_have_url(re.compile("/login"))
    officer.context.add_cookies([{**cookie} for cookie in kept])  # type: ignore[typeddict-item]
    officer.goto("/edit/training/how-often")
    expect(officer.get_by_role("alert")).to_contain_text("It is not in your draft yet")

    write(officer, "And after it.\n")

    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    expect(officer.get_by_role("alert")).to_have_count(0)


def test_the_toolbar_writes_markdown_and_links_to_pages(officer: Page) -> None:
    officer.goto("/edit/training/how-often")
    write(officer, "\n\n")
    officer.get_by_role("button", name="Warning").click()
    officer.keyboard.insert_text("Ask ")
    officer.keyboard.press("Control+k")
    dialog = officer.get_by_role("dialog", name="Link to a page")
    dialog.get_by_label("Words of its title").fill("share your concern")
    expect(dialog.get_by_role("button", name="Share your concern", exact=True)).to_be_visible()
    check_shown(officer)
    officer.keyboard.press("Enter")

    text = officer.locator("textarea[name=kb-body]")
    expect(text).to_have_value(re.compile(r"/// warning\n\nAsk \[Share your concern\]\(/referral/share\)\n\n///"))
    officer.keyboard.press("Control+z")
    expect(text).not_to_have_value(re.compile("Share your concern"))


@AT_A_DESK
def test_a_list_after_a_paragraph_is_a_list_of_its_own(officer: Page) -> None:
    officer.goto("/edit/training/how-often")
    write(officer, "\n\nBring\na pen")
    officer.get_by_role("button", name="List").click()
    officer.keyboard.insert_text(" and paper")

    expect(officer.locator("textarea[name=kb-body]")).to_have_value(re.compile(r"Bring\n\n- a pen and paper\n*$"))
    expect(officer.locator("[data-kb-preview] li", has_text="a pen and paper")).to_be_visible()


def test_words_of_no_page_are_said_to_be_none(officer: Page) -> None:
    officer.goto("/edit/training/how-often")
    officer.get_by_role("button", name="Link").click()
    dialog = officer.get_by_role("dialog", name="Link to a page")
    dialog.get_by_label("Words of its title").fill("pelicansofnowhere")

    expect(dialog.get_by_role("status")).to_have_text("No page or section has these words in its title.")
    check_shown(officer)


def test_what_became_of_the_text_is_in_sight_where_its_author_is(officer: Page) -> None:
    officer.goto(f"/edit/{PAGE}")
    officer.get_by_label("Title", exact=True).press("End")
    officer.keyboard.insert_text(" and more")

    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    expect(officer.locator("[data-kb-state]")).to_be_in_viewport()


def test_the_pages_of_editing_are_accessible(officer: Page) -> None:
    officer.goto(f"/edit/{PAGE}")
    write(officer, "\n\nSome words.\n")
    officer.get_by_role("button", name="Check and publish").click()
    expect(officer.get_by_role("heading", level=1)).to_have_text("Publish")
    publish = officer.url

    for url in ("/edit", f"/edit/{PAGE}", publish, publish.replace("/publish", "/discard"), f"/{PAGE}"):
        check(officer, url)
    check(officer, publish.replace("/publish", "/conflict"))


def test_a_picture_is_added_where_the_text_is(officer: Page) -> None:
    officer.goto("/edit/training/local-training")
    write(officer, "\n\n")
    officer.get_by_role("button", name="Image").click()
    expect(officer.get_by_label("Add a file")).to_be_focused()
    officer.get_by_label("Add a file").set_input_files(
        {"name": "The Hall.png", "mimeType": "image/png", "buffer": png(30, 20)}
    )

    officer.get_by_role("button", name="Add the file").click()
    expect(officer.locator("[data-kb-state]")).to_contain_text("Say what the picture")
    officer.get_by_label("What the picture shows").fill("The hall from the street")
    officer.get_by_role("button", name="Add the file").click()

    expect(officer.locator("[data-kb-preview]").get_by_alt_text("The hall from the street")).to_be_visible()
    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    check(officer, "/edit/training/local-training")


def test_a_word_file_becomes_a_page_that_a_reviewer_sees(officer: Page, browser: Browser, site: Site) -> None:
    name = f"notes-{secrets.token_hex(3)}"
    officer.goto("/edit")
    officer.get_by_role("link", name="Make a page of a Word document").click()
    officer.get_by_label("Word document").set_input_files(
        {"name": "Notes.docx", "mimeType": "application/octet-stream", "buffer": DOCUMENT}
    )
    officer.get_by_label("Folder").select_option("training")
    officer.get_by_label("Name in the address").fill(name)
    officer.get_by_role("button", name="Make a draft").click()
    expect(officer.get_by_role("heading", level=1)).to_have_text("Edit “How to refer”")
    expect(officer.locator("[data-kb-notes]")).to_contain_text("'summary' is missing")
    expect(officer.locator("[data-kb-preview]")).to_contain_text("No summary yet")

    officer.get_by_label("Summary").fill("How a referral is made.")
    expect(officer.locator("[data-kb-preview]")).to_contain_text("Before you start")
    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    check_shown(officer)
    officer.get_by_role("link", name="Share the draft").click()
    officer.get_by_label("A week").check()
    officer.get_by_role("button", name="Make a link").click()
    check_shown(officer)
    address = officer.get_by_label("The link, shown this once").input_value()

    reviewer = browser.new_context().new_page()
    reviewer.goto(address)
    expect(reviewer.get_by_role("heading", level=1)).to_have_text("How to refer")
    check(reviewer, address)
    reviewer.context.close()


@AT_A_DESK
def test_without_scripts_a_page_is_changed_as_well(officer: Page, browser: Browser, site: Site) -> None:
    word = f"plover{secrets.token_hex(3)}"
    context = browser.new_context(
        java_script_enabled=False,
        storage_state=officer.context.storage_state(),
        base_url=site.url,
    )
    page = context.new_page()
    page.goto("/edit/training/particular-roles")
    text = page.get_by_label("Text", exact=True)
    text.fill(f"{text.input_value()}\n\n## Where the {word} goes\n\nHere.\n")
    page.get_by_role("button", name="Save and preview").click()
    expect(page.get_by_label("The page as it would be")).to_contain_text(word)
    page.get_by_role("button", name="Check and publish").click()
    page.get_by_label("What changed, for readers").fill("Say where it goes")
    warnings = page.get_by_label("I have looked at the warnings")
    if warnings.count():
        warnings.check()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_role("link", name="Look at the page").click()

    expect(page.get_by_role("main")).to_contain_text(f"Where the {word} goes")
    context.close()


def test_two_windows_are_shown_side_by_side(officer: Page) -> None:
    other = officer.context.new_page()
    for window in (officer, other):
        window.goto("/edit/training/inductions-and-records")
        expect(window.locator(".cm-content")).to_be_visible()
    write(officer, "\n\nFrom the first window.\n")
    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)

    write(other, "\n\nFrom the second window.\n")
    other.get_by_role("button", name="Show both texts").click()

    expect(other.get_by_role("table")).to_contain_text("From the first window.")
    check_shown(other)
    other.get_by_role("button", name="Save this text").click()
    expect(other.locator("textarea[name=kb-body]")).to_have_value(re.compile("From the second window."))


def test_a_contact_is_chosen_by_its_name(officer: Page) -> None:
    officer.goto(f"/edit/{PAGE}")
    write(officer, "\n\nAsk them:")
    officer.get_by_role("button", name="Contact", exact=True).click()
    dialog = officer.get_by_role("dialog", name="Show a contact")
    check_shown(officer)

    dialog.get_by_label("Words of its name").fill("emergency serv")
    officer.keyboard.press("Enter")

    expect(officer.locator(".cm-content")).to_contain_text(re.compile(r"Ask them:.*/// contact \| [\w-]+///"))
    expect(officer.locator("[data-kb-preview]")).to_contain_text("Emergency services")


@AT_A_DESK
def test_what_is_typed_before_the_scripts_have_come_is_saved_too(officer: Page) -> None:
    held: list[Route] = []
    officer.route("**/static/editor-*.js", lambda route: held.append(route))  # noqa: PLW0108 - it gets a mark, which a built-in cannot have
    with officer.expect_request("**/static/editor-*.js"):
        officer.goto("/edit/training/how-often", wait_until="commit")
    officer.get_by_label("Summary").fill("Typed at once.")

    held[0].continue_()

    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    officer.unroute("**/static/editor-*.js")
    officer.goto("/edit/training/how-often")
    expect(officer.get_by_label("Summary")).to_have_value("Typed at once.")


@AT_A_DESK
def test_an_answer_that_is_lost_is_not_taken_for_another_window(officer: Page) -> None:
    lost: list[object] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    officer.goto("/edit/training/how-often")
    officer.route("**/save", lose_the_first)
    write(officer, "\n\nSaved, and nobody said so.\n")
    expect(officer.locator("[data-kb-state]")).to_contain_text("cannot be reached")

    officer.keyboard.insert_text("Typed after that.\n")

    expect(officer.locator("[data-kb-state]")).to_contain_text("Draft saved at", timeout=20_000)
    officer.goto("/edit/training/how-often")
    expect(officer.locator("textarea[name=kb-body]")).to_have_value(re.compile("said so.\nTyped after that."))


@AT_A_DESK
def test_enter_in_a_field_takes_no_file_away(officer: Page) -> None:
    officer.goto("/edit/training/local-training")
    officer.get_by_text("Pictures and documents").click()
    officer.get_by_label("Add a file").set_input_files({"name": "list.csv", "mimeType": "text/csv", "buffer": b"a,b"})
    officer.get_by_role("button", name="Add the file").click()
    expect(officer.locator("[data-kb-files]")).to_contain_text("list.csv")

    officer.get_by_label("Title").press("Enter")

    expect(officer.get_by_text("Your draft is saved.")).to_be_visible()
    expect(officer.locator("[data-kb-files]")).to_contain_text("list.csv")


def test_a_contact_is_changed_in_a_draft_published_and_found_in_the_history(officer: Page) -> None:
    number = f"01375 {secrets.randbelow(900_000) + 100_000}"
    officer.goto("/data")
    officer.get_by_role("link", name="Contacts", exact=True).click()
    officer.get_by_role("link", name="Multi-agency safeguarding hub (MASH)").click()
    check_shown(officer)
    officer.get_by_label("Phone number").fill(number)
    officer.get_by_role("button", name="Save to draft").click()

    expect(officer.get_by_role("region", name="Your draft of this file")).to_contain_text(
        "Multi-agency safeguarding hub"
    )
    check_shown(officer)
    officer.get_by_role("button", name="Check and publish").click()
    expect(officer.get_by_role("table")).to_contain_text(number)
    check(officer, officer.url)
    officer.get_by_label("What changed, for readers").fill("The number of the hub")
    officer.get_by_role("button", name="Publish", exact=True).click()
    expect(officer.get_by_role("heading", level=1)).to_have_text("Published")
    check_shown(officer)

    officer.get_by_role("link", name="Its history").click()
    expect(officer.get_by_role("list").filter(has_text="The number of the hub")).to_be_visible()
    check(officer, officer.url)
    officer.get_by_role("link", name="See this version").first.click()
    check(officer, officer.url)
    officer.get_by_role("link", name="What this version changed").click()
    expect(officer.get_by_role("main")).to_contain_text(number)
    check(officer, officer.url)


def test_the_pages_of_data_files_are_accessible(officer: Page) -> None:
    officer.goto("/data/council.yml/name")
    officer.get_by_label("What it is").fill("Nameofthecouncil" * 12)
    officer.get_by_role("button", name="Save to draft").click()
    publish = officer.get_by_role("button", name="Check and publish").get_attribute("href") or ""

    for url in ("/data", "/data/confirm", "/data/council.yml", "/data/council.yml/name", "/data/council.yml/new"):
        check(officer, url)
    for url in (
        "/data/council.yml/name/remove",
        "/data/sources.yml/new",
        publish,
        publish.replace("publish", "discard"),
    ):
        check(officer, url)
