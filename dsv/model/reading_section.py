"""The section `reading` of a manifest, and what it shares with dataset.yaml: how the files are read."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from dsv.model.csv_reading import CsvReading, check_delimiter, check_encoding, check_quote
from dsv.model.documents import Part
from dsv.model.reading import Reading
from dsv.model.texts import Glob, Label, Rule, SplitName


class CsvEntry(Part):
    """How CSV files are spelled, where that is declared."""

    delimiter: Annotated[str, Rule(check_delimiter)] | None = Field(
        default=None, description="What parts the cells of a .csv file; found in the header line without."
    )
    quote: Annotated[str, Rule(check_quote)] | None = Field(
        default=None, description="What stands around a cell; empty where nothing does, a double quote without."
    )
    encoding: Annotated[str, Rule(check_encoding)] | None = Field(
        default=None, description="The encoding, as Python names it; UTF-8 or that of a byte order mark without."
    )
    left_out: ClassVar[frozenset[str]] = frozenset({"delimiter", "quote", "encoding"})

    @model_validator(mode="after")
    def _delimiter_and_quote_differ(self) -> CsvEntry:
        if self.delimiter is not None and self.delimiter == self.quote:
            raise ValueError("delimiter and quote must differ")
        return self

    @property
    def value(self) -> CsvReading:
        """The same as a value."""
        return CsvReading(self.delimiter, self.quote, self.encoding)


class ReadingEntry(Part):
    """The declarations on which the records depend."""

    format: Label = Field(description="The declared format; `auto` follows suffix and content.")
    splits: dict[SplitName, Glob] = Field(description="Declared splits: which files belong to each, as a glob.")
    records: dict[Glob, Label] | None = Field(
        default=None,
        description="Where the records are in JSON documents, by glob; left out where not declared.",
    )
    csv: CsvEntry | None = Field(default=None, description="How CSV files are spelled; left out where not declared.")
    left_out: ClassVar[frozenset[str]] = frozenset({"records", "csv"})

    @classmethod
    def of(cls, reading: Reading) -> ReadingEntry:
        """The section for a reading."""
        csv = CsvEntry(delimiter=reading.csv.delimiter, quote=reading.csv.quote, encoding=reading.csv.encoding)
        return cls(
            format=reading.format,
            splits=dict(reading.splits),
            records=dict(reading.records) or None,
            csv=None if reading.csv == CsvReading() else csv,
        )

    @property
    def value(self) -> Reading:
        """The same as a value."""
        return Reading(
            format=self.format,
            splits=tuple(self.splits.items()),
            records=tuple((self.records or {}).items()),
            csv=self.csv.value if self.csv else CsvReading(),
        )
