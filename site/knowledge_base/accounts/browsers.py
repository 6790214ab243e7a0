"""What people recognise a browser by: its family and its system. Nothing else of what it says of itself is kept."""

UNKNOWN_BROWSER, UNKNOWN_SYSTEM = "An unknown browser", "an unknown system"

# The first that fits: most browsers also claim to be those after them.
FAMILIES = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Windows", "Windows"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "a Mac"),
    ("Linux", "Linux"),
)


def describe_browser(user_agent: str) -> str:
    """Return a few words such as `Firefox on Windows` for what a browser says of itself."""
    family = next((name for sign, name in FAMILIES if sign in user_agent), UNKNOWN_BROWSER)
    system = next((name for sign, name in SYSTEMS if sign in user_agent), UNKNOWN_SYSTEM)
    return f"{family} on {system}"
