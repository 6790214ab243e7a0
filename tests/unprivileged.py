"""Have the system heed the modes of files, as it does not for its administrator."""

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

# Before a command: whoever runs it may read what its modes let the owner read, and no more.
HEEDING_MODES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
# Of Linux's capability.h: the bits of the two rights above, and the version of what follows.
DAC_OVERRIDE, DAC_READ_SEARCH = 1 << 1, 1 << 2
VERSION = 0x20080522

Unprivileged = Callable[[], AbstractContextManager[None]]


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Rights(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


@contextmanager
def heeding_modes() -> Iterator[None]:
    """Take the two rights from this thread, and from those that it starts meanwhile."""
    system, header, rights = ctypes.CDLL(None, use_errno=True), _Header(VERSION, 0), (_Rights * 2)()
    assert system.capget(ctypes.byref(header), rights) == 0
    before = rights[0].effective
    rights[0].effective = before & ~(DAC_OVERRIDE | DAC_READ_SEARCH)
    assert system.capset(ctypes.byref(header), rights) == 0
    try:
        yield
    finally:
        rights[0].effective = before
        assert system.capset(ctypes.byref(header), rights) == 0


@pytest.fixture
def unprivileged() -> Unprivileged:
    """Return what makes the system heed the modes of files."""
    return heeding_modes
