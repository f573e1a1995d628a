"""PostgreSQL, to which the index is published; psycopg is loaded when it is spoken to."""

from __future__ import annotations

from dsv.adapters.postgres.connecting import SCHEMES, Address, parse_address
from dsv.adapters.postgres.publishing import DEFAULT_SCHEMA, Published, PublishedTable, checked_schema, publish

__all__ = [
    "DEFAULT_SCHEMA",
    "SCHEMES",
    "Address",
    "Published",
    "PublishedTable",
    "checked_schema",
    "parse_address",
    "publish",
]
