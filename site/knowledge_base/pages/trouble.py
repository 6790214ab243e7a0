"""What of the content folder cannot be read, and what is shown meanwhile."""

from dataclasses import dataclass
from itertools import chain

from knowledge_base.access.audiences import Requirement
from knowledge_base.pages.edition import Edition
from knowledge_base.pages.faults import Fault
from knowledge_base.pages.files import DATA_FOLDER, FILES_FOLDER, folder_of
from knowledge_base.pages.reading import Files


@dataclass(frozen=True)
class Trouble:
    """Why the folder was not read whole. `faults` are of what could not be read in it: none when it is the folder.

    `is_older_shown` says that the last edition that was read whole is shown; else what could not be read is for nobody.
    """

    reason: str
    faults: tuple[Fault, ...] = ()
    is_older_shown: bool = True

    def in_general(self, edition: Edition) -> str:
        """Say it in words for everybody, who must not learn of folders that are not open."""
        outcome = "an older state of it is shown" if self.is_older_shown else "what stands there is shown to nobody"
        if not self.faults:
            return f"cannot be read, so {outcome}"
        folders = sorted({_folder(fault) for fault in self.faults})
        named = [f"{folder}/" for folder in folders if _is_open(folder, edition)]
        named += ["more that the log names"] if len(named) < len(folders) else []
        return f"cannot be read in part ({', '.join(named)}), so {outcome}"


class NotReadWholeError(OSError):
    """Something in the content folder cannot be read, and there is an edition of before."""

    def __init__(self, unread: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(map(str, unread)))
        self.unread = unread


def unread_in(files: Files) -> tuple[Fault, ...]:
    """Return the faults of what stands there and could not be read."""
    of_pages = (page.faults for page in files.pages.values() if page.faults)
    of_attachments = (file.faults for file in files.attachments.values() if file.faults)
    found = chain(files.found.faults, files.data.faults, *of_pages, *of_attachments)
    return tuple(sorted(fault for fault in found if fault.is_unread))


def _folder(fault: Fault) -> str:
    folder = folder_of(fault.path)
    return f"/{folder}/".partition(f"/{FILES_FOLDER}/")[0].strip("/")


def _is_open(folder: str, edition: Edition) -> bool:
    if not folder or folder == DATA_FOLDER:
        return True
    return edition.folders.get(folder) == Requirement()
