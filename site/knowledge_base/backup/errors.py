"""Why there is no backup, or why one cannot be used. Each says what to do."""


class BackupError(Exception):
    """A backup was not made, not found whole, or not restored. Nothing has changed."""


class ArchiveFaultError(BackupError):
    """What is in the file is not what a backup holds."""


class PlaceNotEmptyError(BackupError):
    """Something is already where a backup is to be restored."""


class OtherKeyError(BackupError):
    """The site's secret key is not the one that the backup was made with."""


class SiteInUseError(BackupError):
    """Another command is starting or restoring the site."""


class UnfinishedRestoreError(BackupError):
    """A restore was cut short here, and nobody has taken away what it left."""
