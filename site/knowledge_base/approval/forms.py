"""What people say and decide about a submission."""

import re
from datetime import datetime, time

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovTextArea, GovTextInput
from wtforms import Field, HiddenField, StringField, TextAreaField, ValidationError

from knowledge_base.approval.submissions import LONGEST_COMMENT
from knowledge_base.audit.forms import EXAMPLE, read_day
from knowledge_base.db import LONDON, utc_now

_TIME = re.compile(r"(?P<hour>[01]?[0-9]|2[0-3])[:.](?P<minute>[0-5][0-9])")


class WhenFields:
    """The fields of a form for a time at which something goes live. Both are left empty for at once."""

    day = StringField(
        "Day",
        widget=GovTextInput(),
        description=f"For example, {EXAMPLE}. Leave it empty to publish at once.",
        render_kw={"autocomplete": "off"},
    )
    time = StringField(
        "Time", widget=GovTextInput(), description="In London, such as 09:30", render_kw={"autocomplete": "off"}
    )

    @property
    def moment(self) -> datetime | None:
        """The time that is asked for, once the form is valid."""
        day, clock = (self.day.data or "").strip(), _TIME.fullmatch((self.time.data or "").strip())
        if not day or not clock:
            return None
        return datetime.combine(read_day(day), time(int(clock["hour"]), int(clock["minute"])), LONDON)

    def validate_day(self, field: Field) -> None:
        """Refuse what is no day, and a time that has passed."""
        if not (field.data or "").strip():
            if (self.time.data or "").strip():
                message = "Enter the day as well, or neither"
                raise ValidationError(message)
            return
        try:
            read_day(field.data)
        except ValueError as error:
            message = f"Enter a day, such as {EXAMPLE}"
            raise ValidationError(message) from error
        if (moment := self.moment) and moment <= utc_now():
            message = "Enter a time that is still to come"
            raise ValidationError(message)

    def validate_time(self, field: Field) -> None:
        """Refuse what is no time."""
        typed = (field.data or "").strip()
        if (typed or (self.day.data or "").strip()) and not _TIME.fullmatch(typed):
            message = "Enter a time, such as 09:30"
            raise ValidationError(message)
        try:
            moment = self.moment
        except ValueError:
            # The day is said to be wrong.
            return
        if moment and moment.utcoffset() != moment.replace(fold=1).utcoffset():
            message = "The clocks change at that hour, so this time comes twice or not at all: choose another"
            raise ValidationError(message)


class ApproveForm(WhenFields, FlaskForm):  # type: ignore[misc]
    """An approval, with a digest of what the approver has looked at."""

    seen = HiddenField()


class TimeForm(WhenFields, FlaskForm):  # type: ignore[misc]
    """Another time at which an approved change goes live."""

    def validate_day(self, field: Field) -> None:
        """Ask for a day."""
        if not (field.data or "").strip():
            message = f"Enter a day, such as {EXAMPLE}"
            raise ValidationError(message)
        super().validate_day(field)


class SendBackForm(FlaskForm):  # type: ignore[misc]
    """What should be different."""

    reason = TextAreaField(
        "What should be different?",
        widget=GovTextArea(),
        description="Its author and everybody who may approve the change can read this.",
    )

    def validate_reason(self, field: Field) -> None:
        """Ask for a reason of a sensible length."""
        _check_text(field, "Say what should be different")


class CommentForm(FlaskForm):  # type: ignore[misc]
    """Something to say about it."""

    text = TextAreaField(
        "Comment",
        widget=GovTextArea(),
        description="Its author and everybody who may approve the change can read this.",
    )

    def validate_text(self, field: Field) -> None:
        """Ask for a comment of a sensible length."""
        _check_text(field, "Write a comment")


def _check_text(field: Field, otherwise: str) -> None:
    typed = (field.data or "").strip()
    if not typed:
        raise ValidationError(otherwise)
    if len(typed) > LONGEST_COMMENT:
        message = f"Use {LONGEST_COMMENT:,} characters or fewer"
        raise ValidationError(message)
