"""The form that filters the record. It is sent in the address, so that a filtered page can be kept and sent."""

import re
from datetime import date, datetime, timedelta
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovSelect, GovTextInput
from wtforms import Field, SelectField, StringField, ValidationError

from knowledge_base.audit.reading import Filters
from knowledge_base.audit.wordings import WORDINGS
from knowledge_base.db import LONDON

EXAMPLE = "27/3/2026"
FORMATS = ("%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y")
# Beyond, the clocks of London and the end of a day cannot be worked out.
FIRST_YEAR, LAST_YEAR = 1970, 9000
LONGEST_PERSON = 200
LARGEST_ACCOUNT = 2**31 - 1


def read_day(typed: str) -> date:
    """Return the day that was typed. Raises ValueError."""
    tidy = re.sub(r"\s*([/.-])\s*", r"\1", " ".join(typed.split()))
    for one in FORMATS:
        try:
            day = datetime.strptime(tidy, one).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise ValueError(typed)


class FilterForm(FlaskForm):  # type: ignore[misc]
    """What is asked of the record. All of it may be left out."""

    class Meta:
        """Nothing is changed by it, so it needs no token."""

        csrf = False

    kind = SelectField("Kind of event", widget=GovSelect(), validate_choice=False)
    person = StringField(
        "Person or page",
        widget=GovTextInput(),
        description="Part of a name, or an account number. Who did it or to whom.",
    )
    since = StringField("From", widget=GovTextInput(), description=f"A day, such as {EXAMPLE}.")
    until = StringField("To", widget=GovTextInput(), description=f"A day, such as {EXAMPLE}.")

    def __init__(self) -> None:
        super().__init__(request.args)
        labels = sorted(((kind, wording.label) for kind, wording in WORDINGS.items()), key=lambda choice: choice[1])
        self.kind.choices = [("", "All kinds"), *labels]

    @property
    def filters(self) -> Filters:
        """What a valid form asks for. Days begin and end by the clocks of London."""
        until = self._day(self.until)
        return Filters(
            kind=self.kind.data or "",
            person=" ".join((self.person.data or "").split()),
            since=_start_of(self._day(self.since)),
            before=_start_of(until + timedelta(days=1) if until else None),
        )

    @property
    def in_words(self) -> str:
        """What a valid form asks for, as the record tells it of an export."""
        wording = WORDINGS.get(self.kind.data or "")
        said = (
            ("kind", wording.label if wording else ""),
            ("person or page", (self.person.data or "").strip()),
            ("from", (self.since.data or "").strip()),
            ("to", (self.until.data or "").strip()),
        )
        return ", ".join(f"{name} {value}" for name, value in said if value) or "all of it"

    @property
    def query(self) -> dict[str, Any]:
        """The filled-in fields, to put into an address."""
        return {field.name: field.data for field in self if field.data}

    def validate_kind(self, field: Field) -> None:
        """Refuse a kind that there is none of."""
        if field.data and field.data not in WORDINGS:
            message = "Choose a kind of event from the list"
            raise ValidationError(message)

    def validate_person(self, field: Field) -> None:
        """Refuse what no name or number can be."""
        typed = (field.data or "").strip()
        if len(typed) > LONGEST_PERSON or "\x00" in typed:
            message = f"Name must be {LONGEST_PERSON} characters or fewer, without characters that cannot be seen"
            raise ValidationError(message)
        if typed.isascii() and typed.isdecimal() and int(typed) > LARGEST_ACCOUNT:
            message = "Enter the number of an account, or part of a name"
            raise ValidationError(message)

    def validate_since(self, field: Field) -> None:
        """Refuse what is no day."""
        _check_day(field, called="From")

    def validate_until(self, field: Field) -> None:
        """Refuse what is no day, and one before the first."""
        _check_day(field, called="To")
        try:
            since, until = self._day(self.since), self._day(field)
        except ValueError:
            return
        if since and until and until < since:
            message = "The day in “To” must be the same as the day in “From”, or after it"
            raise ValidationError(message)

    def _day(self, field: Field) -> date | None:
        return read_day(field.data) if field.data and field.data.strip() else None


def _check_day(field: Field, *, called: str) -> None:
    if not (field.data or "").strip():
        return
    try:
        read_day(field.data)
    except ValueError as error:
        message = f"“{called}” must be a real day, such as {EXAMPLE}"
        raise ValidationError(message) from error


def _start_of(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON) if day else None
