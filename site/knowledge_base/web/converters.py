"""What stands for a value in an address."""

from werkzeug.routing import IntegerConverter

# What both databases can keep as the number of a row. They count from 1.
LARGEST_NUMBER = 2**31 - 1
NO_ROW = 0


class RowNumberConverter(IntegerConverter):
    """The number of a row. One that no database can keep is taken for one that no row has, so it is not found."""

    def to_python(self, value: str) -> int:
        """Return the number."""
        # Python does not even read a number of thousands of digits.
        is_too_long = len(value) > len(str(LARGEST_NUMBER))
        number: int = super().to_python(str(NO_ROW) if is_too_long else value)
        return number if number <= LARGEST_NUMBER else NO_ROW
