"""What is asked of a page's history: two versions to compare, or a day. Sent in the address."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Protocol

from flask import request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import Field, SelectField, StringField, ValidationError

from knowledge_base.audit.forms import EXAMPLE, read_day
from knowledge_base.web.templating import show_date_and_time

LONGEST_LABEL = 60


class Version(Protocol):
    """A version that may be compared with another."""

    @property
    def revision(self) -> str:
        """The commit's name."""

    @property
    def at(self) -> datetime:
        """When it was committed."""

    @property
    def note(self) -> str:
        """What it changed, as far as that is for the reader."""

    @property
    def may_look(self) -> bool:
        """Whether it may be looked at."""


class DayForm(FlaskForm):  # type: ignore[misc]
    """A day, to find what was live on it."""

    class Meta:
        """Nothing is changed by it, so it needs no token."""

        csrf = False

    on = StringField(
        "What was live on this date?",
        widget=GovTextInput(),
        description=f"A day, such as {EXAMPLE}.",
        render_kw={"autocomplete": "off"},
    )

    def __init__(self) -> None:
        super().__init__(request.args)

    @property
    def day(self) -> date | None:
        """The day that is asked for, once the form is valid."""
        return read_day(self.on.data) if self.on.data else None

    def validate_on(self, field: Field) -> None:
        """Refuse what is no day."""
        if not (field.data or "").strip():
            return
        try:
            read_day(field.data)
        except ValueError as error:
            message = f"Enter a day, such as {EXAMPLE}"
            raise ValidationError(message) from error


class CompareForm(FlaskForm):  # type: ignore[misc]
    """Two versions to compare."""

    class Meta:
        """Nothing is changed by it, so it needs no token."""

        csrf = False

    older = SelectField("Older version", name="from", widget=GovSelect(), validate_choice=False)
    newer = SelectField("Newer version", name="to", widget=GovSelect(), validate_choice=False)

    def __init__(self, versions: Iterable[Version]) -> None:
        super().__init__(request.args)
        choices = [(one.revision, _label(one)) for one in versions if one.may_look]
        self.older.choices = self.newer.choices = choices
        if len(choices) > 1:
            self.newer.data = self.newer.data or choices[0][0]
            self.older.data = self.older.data or choices[1][0]


def _label(seen: Version) -> str:
    words = f"{show_date_and_time(seen.at)}: {seen.note}" if seen.note else show_date_and_time(seen.at)
    return words if len(words) <= LONGEST_LABEL else f"{words[: LONGEST_LABEL - 1].rstrip()}…"
