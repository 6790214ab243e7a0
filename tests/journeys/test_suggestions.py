"""The search box in a real browser: what it suggests while somebody types, and the key that leads to it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.journeys.accessibility import check_shown
from tests.journeys.conftest import Site, sign_in

SUGGEST = re.compile(r"/api/suggest\?")
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"


def box(page: Page) -> Locator:
    """Return the search box, which is on every page once."""
    return page.locator("input[name=q]")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def type_words(page: Page, words: str) -> None:
    """Type as a person does, and wait for suggestions."""
    box(page).press_sequentially(words)
    expect(options(page).first).to_be_visible()


def shown(suggestion: dict[str, str]) -> str:
    """Return the text of an option: its title, and what it is part of."""
    note = "Search for this" if suggestion.get("kind") == "search" else suggestion.get("page", "")
    return f"{suggestion['title']} {note}".strip()


@pytest.mark.parametrize("url", ["/", "/referral", "/search?q=zzxqj", "/nothing"])
def test_every_search_box_suggests_from_the_second_letter(page: Page, url: str) -> None:
    page.goto(url)
    box(page).fill("")

    box(page).press("r")
    expect(page.get_by_role("listbox")).to_be_hidden()
    with page.expect_response(SUGGEST) as answer:
        box(page).press("e")

    suggested = answer.value.json()["suggestions"]
    assert suggested
    expect(options(page)).to_have_text([shown(one) for one in suggested])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_box_keeps_what_the_plain_form_gave_it(page: Page) -> None:
    page.goto("/search?q=who+do+i+tell")

    expect(page.get_by_label("Search this site")).to_have_count(2)  # the form and its box
    expect(box(page)).to_have_value("who do i tell")
    for name, value in {"type": "search", "maxlength": "200", "enterkeyhint": "search", "autocomplete": "off"}.items():
        expect(box(page)).to_have_attribute(name, value)
    box(page).focus()
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_an_arrow_and_enter_go_to_a_suggestion(page: Page) -> None:
    page.goto("/referral")
    type_words(page, "training")
    title = options(page).first.locator("span").first.inner_text()

    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_focused()
    page.keyboard.press("Enter")

    expect(page).not_to_have_url(re.compile("/referral$|/search"))
    expect(page.get_by_role("heading", name=title, exact=True).first).to_be_in_viewport()


def test_a_click_goes_to_a_section_of_the_page_that_is_shown_and_stays_there(page: Page) -> None:
    page.goto("/referral/after-you-refer")
    type_words(page, "refer again")

    options(page).filter(has_text="Refer again if something new").click()

    expect(page).to_have_url(re.compile("/referral/after-you-refer#refer-again$"))
    expect(page.locator("#refer-again")).to_be_in_viewport()
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_have_value("refer again")


def test_enter_alone_searches_for_what_was_typed(page: Page) -> None:
    page.goto("/")
    type_words(page, "refe")

    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/search\?q=refe$"))
    expect(box(page)).to_have_value("refe")


def test_escape_closes_the_list_and_keeps_the_text(page: Page) -> None:
    page.goto("/")
    type_words(page, "refer")
    page.keyboard.press("ArrowDown")

    page.keyboard.press("Escape")

    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_be_focused()
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value("refer")
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_visible()


def test_typing_goes_on_from_an_option_and_after_an_absence(page: Page) -> None:
    page.goto("/")
    type_words(page, "ref")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("e")
    expect(box(page)).to_have_value("refe")

    page.get_by_role("link", name="Sign in").focus()
    expect(page.get_by_role("listbox")).to_be_hidden()
    box(page).focus()
    page.keyboard.press("r")

    expect(box(page)).to_have_value("refer")


def test_the_number_of_suggestions_is_announced(page: Page) -> None:
    page.goto("/")
    type_words(page, "refer")
    count = options(page).count()

    expect(page.get_by_role("status").filter(has_text=f"{count} suggestion")).to_contain_text(
        "Use the up and down arrows."
    )


def test_an_answer_for_older_text_is_never_shown(page: Page) -> None:
    held: list[Route] = []
    page.goto("/")
    page.route(re.compile(r"/api/suggest\?q=in$"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it calls
    with page.expect_request(re.compile("q=in$")):
        box(page).press_sequentially("in")

    with page.expect_event("requestfailed") as dropped:
        box(page).fill("refer")

    assert dropped.value.url.endswith("q=in")
    expect(options(page).filter(has_text=re.compile("refer", re.IGNORECASE)).first).to_be_visible()
    expect(options(page).filter(has_text="Prevent in inductions")).to_have_count(0)
    assert len(held) == 1


def test_a_list_for_older_text_goes_when_the_answer_is_slow(page: Page) -> None:
    page.goto("/")
    type_words(page, "re")
    page.route(SUGGEST, lambda _route: None)

    box(page).press("f")

    expect(page.get_by_role("listbox")).to_be_hidden()


def test_a_list_is_not_changed_under_somebody_who_chooses(page: Page) -> None:
    page.goto("/")
    type_words(page, "in")
    older = options(page).all_inner_texts()
    with page.expect_response(SUGGEST):
        box(page).press("t")
        page.keyboard.press("ArrowDown")

    expect(options(page).first).to_be_focused()
    assert options(page).all_inner_texts() == older
    page.keyboard.press("ArrowUp")
    expect(options(page)).not_to_have_text(older)


def test_a_text_is_asked_about_once(page: Page) -> None:
    asked: list[str] = []
    page.goto("/")
    page.on("request", lambda request: asked.append(request.url) if SUGGEST.search(request.url) else None)
    for words in ("referral", "training", "referral"):
        box(page).fill(words)
        expect(options(page).filter(has_text=re.compile(words, re.IGNORECASE)).first).to_be_visible()

    assert len(asked) == len(set(asked)) == 2


@pytest.mark.parametrize("status", [None, 200, 503])
def test_suggestions_that_fail_leave_the_plain_form(page: Page, status: int | None) -> None:
    def fail(route: Route) -> None:
        if status is None:
            route.abort()
        else:
            route.fulfill(status=status, body="<p>Sorry</p>", content_type="text/html")

    page.goto("/referral")
    type_words(page, "re")
    page.route(SUGGEST, fail)

    box(page).press_sequentially("ferral")

    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/search\?q=referral$"))


def test_nothing_to_suggest_shows_no_box(page: Page) -> None:
    page.goto("/referral")
    type_words(page, "re")

    box(page).fill("zzxqj")

    expect(page.get_by_role("listbox")).to_be_hidden()


def test_the_open_list_is_accessible(page: Page) -> None:
    page.goto("/referral")
    type_words(page, "in")
    page.keyboard.press("ArrowDown")

    check_shown(page)
    for option in options(page).all():
        size = option.bounding_box()
        assert size
        assert size["height"] >= 44


def test_staff_get_suggestions_that_others_do_not(page: Page, member_of_staff: str) -> None:
    page.goto("/referral")
    with page.expect_response(SUGGEST) as answer:
        box(page).fill("interpreters")
    assert answer.value.json()["suggestions"] == []
    expect(page.get_by_role("listbox")).to_be_hidden()

    page.goto("/login?next=/referral")
    sign_in(page, member_of_staff)
    type_words(page, "interpreters")

    expect(options(page).first).to_contain_text(re.compile("interpreters", re.IGNORECASE))


@pytest.fixture
def iphone(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, user_agent=IPHONE, viewport={"width": 390, "height": 700})
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if "Security Policy" in message.text else None)
    yield page
    context.close()
    assert refused == []


def test_an_iphone_is_told_positions_without_styles_that_are_refused(iphone: Page) -> None:
    iphone.goto("/")
    type_words(iphone, "refer")
    count = options(iphone).count()

    position = options(iphone).first.get_by_text(f"1 of {count}")

    expect(position).to_have_class("govuk-visually-hidden")
    expect(iphone.locator("[role=option] [style]")).to_have_count(0)
    iphone.mouse.click(5, 600)
    expect(iphone.get_by_role("listbox")).to_be_hidden()


def test_without_scripts_it_is_the_plain_form(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto("/referral")

    expect(page.get_by_role("searchbox")).to_have_count(1)
    expect(page.locator("kbd")).to_have_count(0)
    page.get_by_role("searchbox").fill("interpreter")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/search\?q=interpreter$"))
    context.close()


@pytest.mark.parametrize("url", ["/", "/referral", "/search?q=refer"])
def test_a_slash_leads_to_the_search_box(page: Page, url: str) -> None:
    page.goto(url)
    text = box(page).input_value()

    page.keyboard.press("/")

    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value(text)
    page.keyboard.press("End")
    page.keyboard.press("/")
    expect(box(page)).to_have_value(f"{text}/")


@pytest.mark.parametrize("key", ["Control+/", "Alt+/", "Meta+/", "?"])
def test_other_keys_are_left_alone(page: Page, key: str) -> None:
    page.goto("/referral")

    page.keyboard.press(key)

    expect(box(page)).not_to_be_focused()


@pytest.mark.parametrize(
    "html",
    [
        '<input aria-label="Another box">',
        "<textarea></textarea>",
        "<select><option>One</option></select>",
        '<div contenteditable tabindex="0">Words</div>',
        "<dialog open><button>Close</button></dialog>",
    ],
)
def test_a_slash_is_left_to_whatever_else_takes_keys(page: Page, html: str) -> None:
    page.goto("/referral")
    page.evaluate("html => document.querySelector('main').insertAdjacentHTML('afterbegin', html)", html)
    other = page.locator("main").locator("input, textarea, select, [contenteditable], dialog button").first
    other.focus()

    page.keyboard.press("/")

    expect(other).to_be_focused()


def test_the_slash_can_be_turned_off_and_on_again(page: Page) -> None:
    page.goto("/referral")
    switch = page.get_by_role("switch", name="Press / to search")
    expect(switch).to_be_checked()
    expect(box(page)).to_have_attribute("aria-keyshortcuts", "/")

    switch.click()
    page.goto("/myths")

    expect(switch).not_to_be_checked()
    expect(switch).to_have_text("Press / to search: off")
    expect(page.locator(".kb-search kbd")).to_be_hidden()
    expect(box(page)).not_to_have_attribute("aria-keyshortcuts", re.compile(""))
    page.keyboard.press("/")
    expect(box(page)).not_to_be_focused()
    switch.press("Enter")
    page.keyboard.press("/")
    expect(box(page)).to_be_focused()


def test_the_key_is_shown_in_the_box_where_there_is_room(page: Page) -> None:
    page.goto("/referral")
    hint = page.locator(".kb-search kbd")
    is_wide = page.evaluate("window.innerWidth") > 1000

    expect(hint).to_be_visible(visible=is_wide)
    expect(hint).to_have_attribute("aria-hidden", "true")
    box(page).focus()
    expect(hint).to_be_hidden()
