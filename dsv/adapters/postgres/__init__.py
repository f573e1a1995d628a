"""PostgreSQL, where the index is published and registries are read; psycopg is loaded when it is spoken to."""

from __future__ import annotations

from dsv.adapters.postgres.connecting import SCHEMES, Address, parse_address
from dsv.adapters.postgres.publishing import DEFAULT_SCHEMA, Published, PublishedTable, checked_schema, publish
from dsv.adapters.postgres.tables import PostgresTables, postgres_tables

__all__ = [
    "DEFAULT_SCHEMA",
    "SCHEMES",
    "Address",
    "PostgresTables",
    "Published",
    "PublishedTable",
    "checked_schema",
    "parse_address",
    "postgres_tables",
    "publish",
]
