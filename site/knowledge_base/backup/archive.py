"""The file: a compressed tar of plain files with names of our own choosing, the manifest and its seal first.

Reading it trusts nothing. Names from the file are never paths here, and nothing but plain files of the size that the
manifest gives, in its order, is unpacked: so there is no way out of the folder, no link, no device, no endless zeros.
"""

import gzip
import hashlib
import io
import shutil
import tarfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from knowledge_base.backup.errors import ArchiveFaultError
from knowledge_base.backup.manifest import Manifest, Member, manifest_text, read_manifest

MANIFEST, SEAL = "manifest.json", "manifest.seal"
BLOCK = 512
CHUNK = 1024 * 1024
LARGEST_MANIFEST = 32 * 1024 * 1024
LARGEST_SEAL = 200
# Text shrinks to a tenth, and at worst to a thousandth. What is small may shrink as it likes.
MOST_EXPANSION = 200
SMALL = 256 * 1024 * 1024

# Is told how many bytes are done, and of how many.
Progress = Callable[[int, int], None]
_DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, tarfile.HeaderError)


def member_of(folder: Path, name: str) -> Member:
    """Return how the manifest names a file of the folder."""
    digest, size = hashlib.sha256(), 0
    with (folder / name).open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Member(name=name, size=size, sha256=digest.hexdigest())


def write_archive(
    file: BinaryIO, folder: Path, manifest: Manifest, *, seal: Callable[[bytes], str], progress: Progress
) -> None:
    """Write the files of a folder that the manifest names. Raises OSError."""
    text = manifest_text(manifest)
    made_at = int(manifest.made_at.timestamp())
    done = 0
    with tarfile.open(fileobj=file, mode="w:gz", format=tarfile.GNU_FORMAT) as tar:
        for name, content in ((MANIFEST, text), (SEAL, seal(text).encode())):
            tar.addfile(_entry(name, len(content), made_at), io.BytesIO(content))
        for member in manifest.members:
            with (folder / member.name).open("rb") as source:
                tar.addfile(_entry(member.name, member.size, made_at), source)
            done += member.size
            progress(done, manifest.size)


def read_archive(
    path: Path, folder: Path, *, is_sealed: Callable[[bytes, str], bool], progress: Progress
) -> tuple[Manifest, bool]:
    """Unpack an archive into an empty folder. Returns its manifest, and whether it is sealed with a key of ours.

    Every hash has been compared when this returns. Raises ArchiveFaultError and OSError.
    """
    try:
        with gzip.open(path) as stream:
            text = _read_whole(stream, MANIFEST, most=LARGEST_MANIFEST)
            manifest = read_manifest(text)
            seal = _read_whole(stream, SEAL, most=LARGEST_SEAL).decode("ascii", "replace")
            _check_room(manifest, folder, packed=path.stat().st_size)
            done = 0
            for member in manifest.members:
                _unpack(stream, member, folder / member.name)
                done += member.size
                progress(done, manifest.size)
            _check_end(stream)
    except _DAMAGED as error:
        message = "The file is cut short or damaged, or is no backup of the site."
        raise ArchiveFaultError(message) from error
    return manifest, is_sealed(text, seal)


def _entry(name: str, size: int, made_at: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mtime, entry.mode = size, made_at, 0o600
    return entry


def _check_room(manifest: Manifest, folder: Path, *, packed: int) -> None:
    if manifest.size > max(SMALL, packed * MOST_EXPANSION):
        message = f"It says that it holds {manifest.size:,} bytes, which cannot be in a file of {packed:,}."
        raise ArchiveFaultError(message)
    if manifest.size > (free := shutil.disk_usage(folder).free):
        message = f"It takes {manifest.size:,} bytes to unpack, and {folder} has {free:,} left."
        raise ArchiveFaultError(message)
    names = [member.name for member in manifest.members]
    if len(set(names)) < len(names):
        message = "Its manifest names a file twice."
        raise ArchiveFaultError(message)


def _next_size(stream: gzip.GzipFile, name: str) -> int:
    """Read the header of the next file, which must have this name, and return its size."""
    header = tarfile.TarInfo.frombuf(stream.read(BLOCK), "utf-8", "surrogateescape")
    if header.name != name or header.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or header.size < 0:
        message = f"Where the file {name} should be, there is something else."
        raise ArchiveFaultError(message)
    return header.size


def _read_whole(stream: gzip.GzipFile, name: str, *, most: int) -> bytes:
    size = _next_size(stream, name)
    if size > most:
        message = f"Its {name} is too large."
        raise ArchiveFaultError(message)
    content = _read_exactly(stream, size)
    _read_exactly(stream, -size % BLOCK)
    return content


def _unpack(stream: gzip.GzipFile, member: Member, place: Path) -> None:
    if _next_size(stream, member.name) != member.size:
        message = f"{member.name} has another size than the manifest says."
        raise ArchiveFaultError(message)
    digest, left = hashlib.sha256(), member.size
    place.parent.mkdir(exist_ok=True)
    with place.open("xb") as file:
        while left:
            chunk = _read_exactly(stream, min(left, CHUNK))
            digest.update(chunk)
            file.write(chunk)
            left -= len(chunk)
    _read_exactly(stream, -member.size % BLOCK)
    if digest.hexdigest() != member.sha256:
        message = f"{member.name} is not as it was when the backup was made."
        raise ArchiveFaultError(message)


def _read_exactly(stream: gzip.GzipFile, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _check_end(stream: gzip.GzipFile) -> None:
    """Read to the end, which has the checksum of everything, past nothing but zeros."""
    left = tarfile.RECORDSIZE + BLOCK
    while chunk := stream.read(CHUNK):
        left -= len(chunk)
        if chunk.strip(b"\0") or left < 0:
            message = "There is something after its last file."
            raise ArchiveFaultError(message)
