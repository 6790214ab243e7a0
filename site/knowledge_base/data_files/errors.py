"""Why an entry of a data file cannot be changed as asked."""


class DataFileError(Exception):
    """The file stays as it is. The message says why, and what to do."""
