"""Dates, and templates that refuse names nobody gave them."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string
from jinja2 import UndefinedError

from knowledge_base.web.templating import show_date


def test_a_day_is_written_as_people_say_it() -> None:
    assert show_date(date(2026, 11, 1)) == "1 November 2026"


def test_a_moment_is_shown_as_the_day_it_is_in_london() -> None:
    assert show_date(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "1 July 2026"
    assert show_date(datetime(2026, 12, 30, 23, 30, tzinfo=UTC)) == "30 December 2026"


@pytest.mark.parametrize(
    "template",
    ["{{ nobody_gave_this }}", "{% if nobody_gave_this %}{% endif %}", "{% for x in nobody_gave_this %}{% endfor %}",
     "{{ nobody_gave_this | length }}", "{{ nobody_gave_this == 1 }}", "{{ viewer.nothing }}"],
)  # fmt: skip
def test_a_name_that_nobody_gave_is_an_error(app: Flask, template: str) -> None:
    with app.test_request_context(), pytest.raises(UndefinedError):
        render_template_string(template)


def test_a_macro_may_be_given_fewer_parameters_than_it_asks_for(app: Flask) -> None:
    template = (
        "{% set params = {} %}{% if params.a %}x{% endif %}{{ params.b }}{% for x in params.c %}{% endfor %}"
        "{{ params.d | length }}{{ params.e not in [undefined, null] }}{{ params.f | default('y', true) }}"
    )

    with app.test_request_context():
        assert render_template_string(template) == "0Falsey"


def test_what_a_template_shows_is_escaped(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ x }}", x="<script>") == "&lt;script&gt;"
