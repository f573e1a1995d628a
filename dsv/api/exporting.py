"""What the Python twin writes for other tools."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from dsv.operations.export import VersionExported
    from dsv.repository import Repository

FormName: TypeAlias = Literal["croissant", "huggingface", "openlineage", "datapackage", "prov", "audit"]


@dataclass(frozen=True)
class Exporting:
    """Versions in the forms of other tools; the method is that of `dsv.api.Repo`."""

    repository: Repository

    def export(
        self, reference: str, form: FormName, *, to: str | os.PathLike[str] | None = None, force: bool = False
    ) -> VersionExported:
        """The version in the form: `.text` is the document, `.content` its bytes, or those of an audit pack.

        With `to` it is written there: `croissant`, `huggingface` and `datapackage` into a directory with the data, the
        others into a file. `.notes` say what the form has no words for. Errors: ExistsError for somebody's file in the
        way, unless `force`; those of `dsv export`.
        """
        from dsv.model.export_form import ExportForm
        from dsv.model.reference import parse_reference
        from dsv.operations.export import export

        target = None if to is None else os.fspath(to)
        return export(self.repository, parse_reference(reference), ExportForm(form), to=target, force=force)
