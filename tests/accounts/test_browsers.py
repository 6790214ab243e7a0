import pytest

from knowledge_base.accounts.browsers import describe_browser

WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
ON_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{ON_WINDOWS} rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (f"{ON_WINDOWS} {WEBKIT} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) {WEBKIT} Version/18.0 Safari/6",
            "Safari on an iPhone",
        ),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/18.0 Safari/605.1.15", "Safari on a Mac"),
        ("Werkzeug/3.1", "An unknown browser on an unknown system"),
        ("", "An unknown browser on an unknown system"),
        ("<script>" * 1000, "An unknown browser on an unknown system"),
    ],
)
def test_says_family_and_system_and_nothing_else(user_agent: str, words: str) -> None:
    assert describe_browser(user_agent) == words
