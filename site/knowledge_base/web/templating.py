"""What every template can use."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from flask import Flask
from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader, Undefined

from knowledge_base.db import LONDON
from knowledge_base.settings import ROOT
from knowledge_base.web.assets import asset_url


class UndefinedName(Undefined):
    """A name that a template uses and nobody gave it: an error, so that no page is shown with a hole in it.

    Only a key missing from a dict counts as "not given", and so does a macro's `caller`: GOV.UK's macros ask for all
    their parameters that way.
    """

    def __bool__(self) -> bool:
        self._must_be_parameter()
        return False

    def __str__(self) -> str:
        self._must_be_parameter()
        return ""

    def __iter__(self) -> Iterator[Any]:
        self._must_be_parameter()
        return iter(())

    def __len__(self) -> int:
        self._must_be_parameter()
        return 0

    def __eq__(self, other: object) -> bool:
        self._must_be_parameter()
        return isinstance(other, UndefinedName)

    __hash__ = None  # type: ignore[assignment]

    def _must_be_parameter(self) -> None:
        if not isinstance(self._undefined_obj, dict) and self._undefined_name != "caller":
            self._fail_with_undefined_error()


# GOV.UK's macros, which come from JavaScript, use these two names.
NOT_GIVEN = UndefinedName(obj={}, name="undefined")


def set_up_templates(app: Flask) -> None:
    """Find templates in `templates/` and GOV.UK's macros, refuse undefined names, add filters."""
    app.jinja_options = {
        "loader": ChoiceLoader(
            [
                FileSystemLoader(ROOT / "templates"),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
                PrefixLoader({"govuk_frontend_wtf": PackageLoader("govuk_frontend_wtf")}),
            ]
        ),
        "undefined": UndefinedName,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.jinja_env.globals.update(asset_url=asset_url, undefined=NOT_GIVEN, null=None)
    app.add_template_filter(show_date, "date")
    app.add_template_filter(show_date_and_time, "date_and_time")


def show_date(value: date | datetime) -> str:
    """Write a day as GOV.UK does: 1 November 2026. A moment is shown in London's time."""
    if isinstance(value, datetime):
        value = value.astimezone(LONDON)
    return f"{value.day} {value:%B %Y}"


def show_date_and_time(moment: datetime) -> str:
    """Write a moment in London's time: 1 November 2026 at 14:05."""
    return f"{show_date(moment)} at {moment.astimezone(LONDON):%H:%M}"
