"""The forms with which administrators find, invite, change and bring in people."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from govuk_frontend_wtf.wtforms_widgets import (
    GovCheckboxesInput,
    GovFileInput,
    GovRadioInput,
    GovSelect,
    GovTextInput,
)
from wtforms import Field, HiddenField, RadioField, SelectField, SelectMultipleField, StringField, ValidationError

from knowledge_base.accounts.errors import AccountsError
from knowledge_base.accounts.meanings import ROLES, Meaning
from knowledge_base.accounts.models import Role
from knowledge_base.accounts.people import Person, check_email, check_name
from knowledge_base.accounts.people_search import State, Wanted

BY_MAIL, BY_HAND = "mail", "hand"
STATES = (
    (State.ACTIVE, "Active"),
    (State.INVITED, "Invited"),
    (State.DISABLED, "Disabled"),
    (State.SINGLE_SIGN_ON, "Through single sign-on"),
)
# No name or address is longer.
LONGEST_SEARCH = 200


class FilterForm(FlaskForm):  # type: ignore[misc]
    """Who is looked for. All of it may be left out, and what there is none of finds nobody."""

    class Meta:
        """Nothing is changed by it, so it needs no token."""

        csrf = False

    q = StringField("Name or email address", widget=GovTextInput(), description="All of it or a part.")
    group = SelectField("Group", widget=GovSelect(), validate_choice=False)
    role = SelectField("Role", widget=GovSelect(), validate_choice=False)
    state = SelectField("State", widget=GovSelect(), validate_choice=False)

    def __init__(self, groups: Iterable[Meaning]) -> None:
        super().__init__(request.args)
        groups = tuple(groups)
        self.group_names = frozenset(group.name for group in groups)
        self.group.choices = [("", "Any group"), *((group.name, group.title) for group in groups)]
        self.role.choices = [("", "Any role"), *((role.name, role.title) for role in ROLES)]
        self.state.choices = [("", "Any state"), *STATES]

    @property
    def wanted(self) -> Wanted:
        """Who is looked for. What is not in a list was not chosen from it, and is left out."""
        group, role, state = self.group.data, self.role.data, self.state.data
        return Wanted(
            words=(self.q.data or "")[:LONGEST_SEARCH],
            group=group if group in self.group_names else "",
            role=role if role in {*Role} else "",
            state=State(state) if state in {*State} else None,
        )

    @property
    def query(self) -> dict[str, Any]:
        """The filled-in fields, to put into an address."""
        return {field.name: field.data for field in self if field.data}


class _AccessFields(FlaskForm):  # type: ignore[misc]
    """Groups and roles to choose from, each with what it means."""

    def explain(self, field: SelectMultipleField, meanings: Iterable[Meaning]) -> None:
        """Let people choose from these."""
        self.explanations = {**getattr(self, "explanations", {}), field.name: tuple(meanings)}
        field.choices = [(meaning.name, meaning.title) for meaning in self.explanations[field.name]]

    def names(self, field: str) -> frozenset[str]:
        """Return what can be chosen from."""
        return frozenset(meaning.name for meaning in self.explanations[field])

    def items(self, field: str, *, closed: frozenset[str] = frozenset()) -> list[Mapping[str, Any]]:
        """Return what the component wants to know besides of each choice. Those that are closed cannot be chosen."""
        return [
            {"hint": {"text": meaning.explanation}, **({"disabled": True} if meaning.name in closed else {})}
            for meaning in self.explanations[field]
        ]


class InviteForm(_AccessFields):
    """Who is to have an account, and what it may read and do."""

    email = StringField("Email address", widget=GovTextInput())
    name = StringField("Full name", widget=GovTextInput())
    groups = SelectMultipleField("Groups", widget=GovCheckboxesInput())
    roles = SelectMultipleField("Roles", widget=GovCheckboxesInput())
    delivery = RadioField("How do they get the link?", widget=GovRadioInput())

    def __init__(self, groups: Iterable[Meaning], *, with_mail: bool) -> None:
        super().__init__(request.form)
        self.explain(self.groups, groups)
        self.explain(self.roles, ROLES)
        _offer_delivery(self, with_mail=with_mail)

    def validate_email(self, field: Field) -> None:
        """Refuse what is not an e-mail address."""
        _check(check_email, field)

    def validate_name(self, field: Field) -> None:
        """Refuse an empty or impossible name."""
        _check(check_name, field)

    @property
    def by_mail(self) -> bool:
        """Whether the site sends the link."""
        return "delivery" in self and self.delivery.data == BY_MAIL


class DeliveryForm(FlaskForm):  # type: ignore[misc]
    """How a person gets a link."""

    delivery = RadioField("How do they get the link?", widget=GovRadioInput())

    def __init__(self, *, with_mail: bool) -> None:
        super().__init__(request.form)
        _offer_delivery(self, with_mail=with_mail)

    @property
    def by_mail(self) -> bool:
        """Whether the site sends the link."""
        return "delivery" in self and self.delivery.data == BY_MAIL


class NameForm(FlaskForm):  # type: ignore[misc]
    """Another name for a person."""

    name = StringField("Full name", widget=GovTextInput())

    def __init__(self, person: Person) -> None:
        super().__init__(request.form, name=person.name)

    def validate_name(self, field: Field) -> None:
        """Refuse an empty or impossible name."""
        _check(check_name, field)


class GroupsForm(_AccessFields):
    """The groups a person is in."""

    groups = SelectMultipleField("Groups", widget=GovCheckboxesInput())

    def __init__(self, person: Person, groups: Iterable[Meaning]) -> None:
        # Not from `request.form`: one that was not sent would count as one in which every box is empty.
        super().__init__(groups=person.groups)
        self.explain(self.groups, groups)


class RolesForm(_AccessFields):
    """The roles a person has."""

    roles = SelectMultipleField("Roles", widget=GovCheckboxesInput())

    def __init__(self, person: Person) -> None:
        # As above.
        super().__init__(roles=person.roles)
        self.explain(self.roles, ROLES)


class UploadForm(FlaskForm):  # type: ignore[misc]
    """A file of people."""

    file = FileField("CSV file", widget=GovFileInput(), validators=[FileRequired("Choose a file")])


class ConfirmImportForm(FlaskForm):  # type: ignore[misc]
    """What the dry run showed, to be done: the file again, and what tells whether it would still do the same."""

    name = HiddenField()
    packed = HiddenField()
    digest = HiddenField()

    def __init__(self, **shown: str) -> None:
        super().__init__(request.form if not shown else None, **shown)


def _offer_delivery(form: Any, *, with_mail: bool) -> None:  # noqa: ANN401 - either form that has the field
    if with_mail:
        form.delivery.choices = [(BY_MAIL, "The site sends it to their email address"), (BY_HAND, "I hand it over")]
        form.delivery.data = form.delivery.data or BY_MAIL
    else:
        del form.delivery


def _check(check: Any, field: Field) -> None:  # noqa: ANN401 - a function that refuses
    try:
        check(field.data or "")
    except AccountsError as error:
        raise ValidationError(str(error)) from error
