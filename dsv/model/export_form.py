"""The forms in which other tools take a version."""

from __future__ import annotations

from enum import Enum


class ExportForm(Enum):
    """One form, by the word that asks for it."""

    CROISSANT = "croissant"
    HUGGINGFACE = "huggingface"
    OPENLINEAGE = "openlineage"
    DATAPACKAGE = "datapackage"
    PROV = "prov"
    AUDIT = "audit"

    @property
    def has_data(self) -> bool:
        """Whether it describes the files, and is written into a directory with them."""
        return self in (ExportForm.CROISSANT, ExportForm.HUGGINGFACE, ExportForm.DATAPACKAGE)

    @property
    def is_archive(self) -> bool:
        """Whether it is one file of many."""
        return self is ExportForm.AUDIT
