"""Have the system heed the modes of files, as it does not for its administrator."""

import ctypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

# Of Linux's capability.h: the bits of three rights, and the version of what follows.
DAC_OVERRIDE, DAC_READ_SEARCH, SETPCAP = 1 << 1, 1 << 2, 1 << 8
VERSION = 0x20080522

Unprivileged = Callable[[], AbstractContextManager[None]]


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Rights(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def heeding_modes() -> Iterator[None]:
    """Take the two rights from this thread, and from those that it starts meanwhile."""
    system, header, rights = _found_rights()
    before = rights[0].effective
    rights[0].effective = before & ~(DAC_OVERRIDE | DAC_READ_SEARCH)
    assert system.capset(ctypes.byref(header), rights) == 0
    try:
        yield
    finally:
        rights[0].effective = before
        assert system.capset(ctypes.byref(header), rights) == 0


def _found_rights() -> "tuple[ctypes.CDLL, _Header, ctypes.Array[_Rights]]":
    system, header, rights = ctypes.CDLL(None, use_errno=True), _Header(VERSION, 0), (_Rights * 2)()
    assert system.capget(ctypes.byref(header), rights) == 0
    return system, header, rights


def _effective() -> int:
    return int(_found_rights()[2][0].effective) if os.geteuid() == 0 else 0


PASSES_OVER_MODES = bool(_effective() & (DAC_OVERRIDE | DAC_READ_SEARCH))
# As in some containers not even root can.
CAN_START_WITHOUT = bool(_effective() & SETPCAP) and shutil.which("setpriv") is not None
RIGHTS = "-dac_override,-dac_read_search"
# Before a command: whoever runs it may read what its modes let the owner read, and no more.
HEEDING_MODES = (
    ["setpriv", f"--inh-caps={RIGHTS}", f"--bounding-set={RIGHTS}"] if PASSES_OVER_MODES and CAN_START_WITHOUT else []
)
# For what such a command is asked of a file that cannot be read.
commands_heed_modes = pytest.mark.skipif(
    PASSES_OVER_MODES and not CAN_START_WITHOUT, reason="root cannot start a program that heeds the modes of files here"
)


@pytest.fixture
def unprivileged() -> Unprivileged:
    """Return what makes the system heed the modes of files."""
    return heeding_modes
