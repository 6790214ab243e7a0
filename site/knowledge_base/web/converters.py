"""What stands for a value in an address."""

from werkzeug.routing import IntegerConverter, ValidationError

# What both databases can keep as the number of a row.
LARGEST_NUMBER = 2**31 - 1


class RowNumberConverter(IntegerConverter):
    """The number of a row. A number that no row can have leads nowhere, and is no fault of the site."""

    def to_python(self, value: str) -> int:
        """Return the number. Raises ValidationError, so that the address is not found."""
        number: int = super().to_python(value)
        if number > LARGEST_NUMBER:
            raise ValidationError
        return number
