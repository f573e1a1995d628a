"""Where files are read: in this process, in others of this machine, or on a Dask cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from dsv.errors import UsageError

_HIGHEST_PORT = 65_535
_SCHEMES = {"dask": "tcp", "tcp": "tcp", "tls": "tls"}
_FORMS = "serial, local, local:N, dask://HOST:PORT or tls://HOST:PORT"


class Place(Enum):
    """Who reads."""

    SERIAL = "serial"
    LOCAL = "local"
    DASK = "dask"


@dataclass(frozen=True)
class Executor:
    """Who reads files: the place, with a number of processes (None: as many as suit) or a scheduler's address."""

    place: Place = Place.LOCAL
    processes: int | None = None
    address: str = ""

    @classmethod
    def parse(cls, text: str) -> Executor:
        """`serial`, `local`, `local:N`, `dask://HOST:PORT`, `tls://HOST:PORT`; UsageError for anything else."""
        if text in {"serial", "local"}:
            return cls(Place(text))
        if number := re.fullmatch(r"local:([1-9][0-9]{0,3})", text, re.ASCII):
            return cls(Place.LOCAL, processes=int(number[1]))
        found = re.fullmatch(r"(dask|tcp|tls)://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):([0-9]{1,5})/?", text, re.ASCII)
        if found and 0 < int(found[3]) <= _HIGHEST_PORT:
            return cls(Place.DASK, address=f"{_SCHEMES[found[1]]}://{found[2]}:{int(found[3])}")
        raise UsageError(f"--executor {text!a} is no place to read files", hint=f"one of {_FORMS}")


SERIAL = Executor(Place.SERIAL)
"""This process alone."""

LOCAL = Executor()
"""Processes of this machine, where there is enough to read."""
