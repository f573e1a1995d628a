"""The section `profile` of a manifest: what is known of the values of each field."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, model_validator

from dsv.model.documents import Part
from dsv.model.field_profile import QUANTILES, FieldProfile
from dsv.model.texts import Count, Finite, Json


def _seven(numbers: tuple[int | float, ...]) -> tuple[int | float, ...]:
    if len(numbers) != len(QUANTILES):
        raise ValueError(f"must hold {len(QUANTILES)} numbers: {', '.join(name for name, _ in QUANTILES)}")
    if list(numbers) != sorted(numbers):
        raise ValueError("must ascend")
    return numbers


def _scalar(value: object) -> object:
    if not isinstance(value, (str, int)):
        raise ValueError("must be text, a whole number, true or false")  # noqa: TRY004 - what a validator raises
    return value


Quantiles = Annotated[tuple[Annotated[int | float, Finite()], ...], AfterValidator(_seven)]


class LabelEntry(Part):
    """A value of a label field."""

    value: Annotated[Json, AfterValidator(_scalar)] = Field(
        description="The value: text, a whole number, a truth value."
    )
    count: Count = Field(description="How many records have it.")


class ProfileEntry(Part):
    """What is known of the values of a field. Quantiles are seven numbers: minimum, 5, 25, 50, 75, 95 %, maximum."""

    name: str = Field(description="The field's name.")
    present: Count = Field(description="Records that carry the field.")
    nulls: Count | None = Field(default=None, description="Those of them where it is null; left out where none are.")
    distinct: Count | None = Field(
        default=None, description="Different texts, numbers and truth values; left out where there are none."
    )
    estimated: bool | None = Field(
        default=None, description="True where `distinct` is estimated; left out where it is exact."
    )
    characters: Quantiles | None = Field(default=None, description="Quantiles of the lengths of texts, in characters.")
    values: Quantiles | None = Field(default=None, description="Quantiles of numbers.")
    elements: Quantiles | None = Field(default=None, description="Quantiles of the lengths of lists.")
    labels: tuple[LabelEntry, ...] | None = Field(
        default=None, description="The values with their counts, of a label field with at most 100 different ones."
    )
    left_out: ClassVar[frozenset[str]] = frozenset(
        {"nulls", "distinct", "estimated", "characters", "values", "elements", "labels"}
    )

    @model_validator(mode="after")
    def _only_a_number_is_estimated(self) -> ProfileEntry:
        if self.estimated and self.distinct is None:
            raise ValueError("estimated needs distinct")
        return self

    @classmethod
    def of(cls, profile: FieldProfile) -> ProfileEntry:
        """The entry for a field."""
        labels = None if profile.labels is None else tuple(LabelEntry(value=v, count=n) for v, n in profile.labels)
        return cls(
            name=profile.field,
            present=profile.present,
            nulls=profile.nulls or None,
            distinct=profile.distinct,
            estimated=profile.estimated or None,
            characters=profile.characters,
            values=profile.values,
            elements=profile.elements,
            labels=labels,
        )

    @property
    def value(self) -> FieldProfile:
        """The same as a value."""
        return FieldProfile(
            field=self.name,
            present=self.present,
            nulls=self.nulls or 0,
            distinct=self.distinct,
            estimated=bool(self.estimated),
            characters=self.characters,
            values=self.values,
            elements=self.elements,
            labels=None if self.labels is None else tuple((_label(each), each.count) for each in self.labels),
        )


def _label(entry: LabelEntry) -> str | int | bool:
    value = entry.value
    return value if isinstance(value, (str, int)) else str(value)
