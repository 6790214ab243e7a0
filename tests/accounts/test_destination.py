import pytest

from knowledge_base.accounts.destination import safe_destination


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/referral/share",
        "/referral/share?from=login#what-to-include",
        "/search?q=who do i tell",
        "/search?q=http://example.com",
        "/search?q=a//b",
        "/uasc/cafés",
    ],
)
def test_goes_on_to_a_page_of_this_site(target: str) -> None:
    assert safe_destination(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "referral/share",
        "http://evil.example",
        "https://evil.example/referral",
        "HTTPS://evil.example",
        "https:evil.example",
        "https:/evil.example",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "/referral//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/referral\\..\\evil",
        "/\t/evil.example",
        "/\n/evil.example",
        "\n//evil.example",
        "/\r\nSet-Cookie: a=b",
        "/\x00/evil.example",
        "/\u2028/evil.example",
        "/\u200b/evil.example",
        "/\u00a0/evil.example",
        "/\u202eevil",
        " //evil.example",
        " /referral",
        "javascript:alert(1)",
        "JavaScript:alert(1)//",
        "data:text/html,x",
        "mailto:a@evil.example",
        "@evil.example",
        "?next=//evil.example",
        "//[evil",
        "/.//evil.example",
        "/..//evil.example",
    ],
)
def test_goes_home_instead_of_anywhere_else(target: str | None) -> None:
    assert safe_destination(target) == "/"
