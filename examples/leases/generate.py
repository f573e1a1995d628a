"""Lease documents with annotations, the same bytes on every machine and Python.

    python generate.py DIR           5,000 leases as JSON Lines: train, validation, test
    python generate.py DIR --grow    then 2,000 retail leases more, and 50 leases with corrected dates

Every lease is a function of its number. The text is invented legal English; `clauses` says what an
annotator found in it, where (`text[start:end]`, in code points) and which values stand there. For fifty
leases in a row the first release holds a mistake that annotators do make: the day a lease was signed is
noted as the day it takes effect. `--grow` writes only the files that differ from the first release.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from string import Formatter
from typing import NamedTuple, TypeVar

Item = TypeVar("Item")
Wordings = Mapping[str, Sequence[str]]

FIRST = {
    **{f"train-{shard:05}.jsonl": range(800 * shard - 799, 800 * shard + 1) for shard in range(1, 6)},
    "validation-00001.jsonl": range(4001, 4501),
    "test-00001.jsonl": range(4501, 5001),
}
RETAIL = {
    "train-00006.jsonl": range(5001, 5801),
    "train-00007.jsonl": range(5801, 6601),
    "validation-00002.jsonl": range(6601, 6801),
    "test-00002.jsonl": range(6801, 7001),
}
MISREAD = range(1571, 1621)  # one annotator's afternoon; it reaches from train-00002 into train-00003
FIRST_RETAIL = 5001


class Kind(NamedTuple):
    """A kind of premises: what it is called, its uses, sizes, yearly dollars a square foot, own clauses."""

    noun: str
    uses: Sequence[str]
    area: tuple[int, int]
    rate: tuple[int, int]
    clauses: Wordings


# What stands in brackets is the annotated passage, and the facts named in it are the values annotated.
ALWAYS: Wordings = {
    "premises": [
        "Tenant leases from Landlord [{area_sqft:,} rentable square feet] of {noun} at {address}, {city}, {state}.",
        "Landlord demises {noun} of [about {area_sqft:,} square feet], known as {address}, {city}, {state}.",
    ],
    "term": [
        "The term is [{months} months, commencing on {effective_words}] and expiring on {expiration_words}.",
        "This Lease shall [commence on {effective_words} and continue for {months} months] to {expiration_words}.",
        "[From {effective_words}, for a period of {months} months], ending at midnight on {expiration_words}.",
    ],
    "base_rent": [
        "Tenant shall pay, without demand or set-off, [${monthly_rent:,} per month, due on the {due_words} day].",
        "Tenant covenants to pay [base rent of ${monthly_rent:,} monthly, on or before the {due_words} day].",
    ],
    "use": [
        "Tenant shall use the Premises [solely for {use}] unless Landlord consents in writing.",
        "The Premises shall be occupied [only as {use}], in compliance with all applicable laws.",
    ],
}
SOMETIMES: Wordings = {
    "escalation": [
        "On each anniversary base rent shall [increase by {escalation_percent}%] over that of the preceding year.",
        "Base rent follows the Consumer Price Index, [by no more than {escalation_percent}%] in any one year.",
    ],
    "renewal_option": [
        "Tenant may, on {notice_days} days' notice, extend for [{renewals} terms of {renewal_months} months each].",
        "Tenant, if not in default, has [{renewals} options of {renewal_months} months each] at fair market rent.",
    ],
    "termination_option": [
        "Tenant may terminate [after month {exit_month}] upon {notice_days} days' notice and payment of a fee.",
    ],
    "security_deposit": [
        "Upon execution Tenant shall deposit [the sum of ${deposit:,}] as security for its covenants hereunder.",
    ],
    "assignment": [
        "Tenant shall not assign or sublet [without consent, which shall not be unreasonably withheld].",
        "Any subletting without consent is void; [a transfer to an affiliate requires no consent].",
    ],
    "insurance": ["Tenant shall maintain [liability insurance of not less than ${liability:,} per occurrence]."],
    "maintenance": [
        "Landlord maintains roof and structure; [Tenant shall keep interior and glass in good repair].",
        "[Tenant, at its sole expense, shall maintain every part of the Premises], casualty excepted.",
    ],
    "late_charge": ["Sums unpaid after {grace_days} days bear [a late charge of {late_percent}%], as added rent."],
    "holdover": ["A tenant holding over shall pay [{holdover_percent}% of the base rent last payable]."],
}
KINDS = {
    "office": Kind(
        "office space",
        ["general and executive offices", "professional and administrative offices", "a call center"],
        area=(1200, 24000),
        rate=(24, 72),
        clauses={
            "parking": ["Tenant may use [{spaces} unreserved parking spaces] free of charge."],
            "operating_expenses": ["Tenant shall pay [{share_percent}% of operating expenses] over the base year."],
        },
    ),
    "industrial": Kind(
        "manufacturing space",
        ["light manufacturing and assembly", "a machine shop", "food processing and packaging"],
        area=(8000, 140000),
        rate=(7, 19),
        clauses={"hazardous_materials": ["Hazardous materials [in excess of {gallons:,} gallons] are prohibited."]},
    ),
    "warehouse": Kind(
        "warehouse space",
        ["the storage and distribution of goods", "cold storage", "order fulfillment"],
        area=(15000, 320000),
        rate=(5, 15),
        clauses={"loading_docks": ["Tenant shall have exclusive use of [{docks} dock-high loading positions]."]},
    ),
    "medical": Kind(
        "medical office space",
        ["a dental practice", "an outpatient clinic", "physical therapy and rehabilitation"],
        area=(900, 14000),
        rate=(26, 64),
        clauses={"after_hours": ["Air conditioning outside business hours is furnished [at ${hourly} per hour]."]},
    ),
    "retail": Kind(
        "retail space",
        ["a coffee shop", "the sale of apparel", "a pharmacy", "a full-service restaurant"],
        area=(700, 18000),
        rate=(22, 140),
        clauses={
            "percentage_rent": ["Tenant shall also pay [{sales_percent}% of gross sales exceeding ${breakpoint:,}]."],
            "exclusive_use": ["Landlord shall let no other space in the center [principally for {use}]."],
            "radius_restriction": ["Tenant shall open no similar store [within {radius_miles} miles] of the center."],
        },
    ),
}
ANNOTATED_AS = {"effective_words": "effective_date", "due_words": "due_day"}

FAMILIES = ("Aldrich", "Béranger", "Castellanos", "Dunmore", "Eriksen", "Fontaine", "Grünwald", "Hargrove")
ESTATES = ("Properties LP", "Realty Trust", "Holdings LLC", "Land Company", "Real Estate Partners LP")
BRANDS = ("Bluestem", "Cinder & Oak", "Peña", "Fairlight", "Halcyon", "Ironwood", "Juniper", "Northgate", "Ōtaki")
BUSINESSES = ("Logistics", "Dental Group", "Systems", "Outfitters", "Foods", "Instruments", "Supply", "Advisors")
FORMS = ("Inc.", "LLC", "Corporation", "LLP")
STREETS = ("Commerce Drive", "Market Street", "Harbor Boulevard", "Mill Road", "Second Avenue", "Foundry Lane")
CITIES = (("Columbus", "OH"), ("Fresno", "CA"), ("Raleigh", "NC"), ("Tulsa", "OK"), ("Albany", "NY"), ("Boise", "ID"))
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DUE_DAYS = {1: "first", 5: "fifth", 10: "tenth", 15: "fifteenth"}


class Draw:
    """Draws from a seed; rests on Random.random() alone, whose sequence Python keeps between releases."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int, *, step: int = 1) -> int:
        """A number from low to high, both included, in steps."""
        return low + step * int(self._random.random() * ((high - low) // step + 1))

    def one(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.number(0, len(items) - 1)]

    def some(self, items: Sequence[Item]) -> list[Item]:
        """About a third of the items, in their order."""
        return [item for item in items if self.number(1, 3) == 1]


def lease(number: int) -> dict[str, object]:
    """The lease with this number, annotated as it should be."""
    return _annotated(number, noted_as_effective="effective_date")


def misread_lease(number: int) -> dict[str, object]:
    """The same lease, annotated by someone who took the day of signature for the day it takes effect."""
    return _annotated(number, noted_as_effective="signed_date")


def _annotated(number: int, *, noted_as_effective: str) -> dict[str, object]:
    draw = Draw(f"lease {number}")
    name = "retail" if number >= FIRST_RETAIL else draw.one([kind for kind in KINDS if kind != "retail"])
    kind = KINDS[name]
    facts = _facts(draw, kind)
    clauses = [*ALWAYS.items(), *draw.some(list(SOMETIMES.items())), draw.one(list(kind.clauses.items()))]
    annotation = {**facts, "effective_date": facts[noted_as_effective]}
    text, found = _document([(each, draw.one(wordings)) for each, wordings in clauses], facts, annotation=annotation)
    return {
        "doc_id": f"LSE-{number:06}",
        "kind": name,
        "landlord": facts["landlord"],
        "tenant": facts["tenant"],
        "guarantor": facts["guarantor"],
        "premises": {key: facts[key] for key in ("address", "city", "state", "area_sqft")},
        "effective_date": annotation["effective_date"],
        "term_months": facts["months"],
        "monthly_rent": facts["monthly_rent"],
        "text": text,
        "clauses": found,
    }


def _facts(draw: Draw, kind: Kind) -> dict[str, object]:
    signed = date(2012, 1, 1) + timedelta(days=draw.number(0, 4380))
    effective = signed + timedelta(days=draw.number(14, 120))
    months = draw.number(24, 180, step=12)
    area = draw.number(*kind.area, step=10)
    rent = area * draw.number(*kind.rate) // 12
    city, state = draw.one(CITIES)
    due_day = draw.one(list(DUE_DAYS))
    landlord = f"{draw.one(FAMILIES)} {draw.one(ESTATES)}"
    return {
        "landlord": landlord,
        "tenant": f"{draw.one(BRANDS)} {draw.one(BUSINESSES)} {draw.one(FORMS)}",
        "guarantor": draw.one((None, None, None, f"{draw.one(BRANDS)} Capital {draw.one(FORMS)}")),
        "noun": kind.noun,
        "use": draw.one(kind.uses),
        "address": f"{draw.number(10, 9990, step=10)} {draw.one(STREETS)}, Suite {draw.number(100, 950, step=5)}",
        "city": city,
        "state": state,
        "area_sqft": area,
        "signed_date": signed.isoformat(),
        "signed_words": _words(signed),
        "effective_date": effective.isoformat(),
        "effective_words": _words(effective),
        "expiration_words": _words(_end(effective, months)),
        "months": months,
        "monthly_rent": rent,
        "due_day": due_day,
        "due_words": DUE_DAYS[due_day],
        "deposit": rent * draw.number(1, 3),
        "escalation_percent": draw.number(4, 10) / 2,
        "late_percent": draw.number(3, 10),
        "grace_days": draw.number(5, 15, step=5),
        "holdover_percent": draw.number(125, 200, step=25),
        "renewals": draw.number(2, 4),
        "renewal_months": draw.number(12, 60, step=12),
        "notice_days": draw.number(90, 270, step=30),
        "exit_month": draw.number(12, months - 12, step=12),
        "liability": draw.number(1_000_000, 5_000_000, step=1_000_000),
        "spaces": draw.number(4, 120),
        "share_percent": draw.number(4, 80) / 4,
        "gallons": draw.number(50, 2500, step=50),
        "docks": draw.number(2, 40),
        "hourly": draw.number(25, 95, step=5),
        "sales_percent": draw.number(6, 16) / 2,
        "breakpoint": draw.number(400_000, 6_000_000, step=50_000),
        "radius_miles": draw.number(1, 10),
    }


def _words(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def _end(start: date, months: int) -> date:
    """The last day of a term; one that begins on the 29th or later ends with the month before."""
    years, month = divmod(start.month - 1 + months, 12)
    return date(start.year + years, month + 1, min(start.day, 28)) - timedelta(days=1)


def _document(
    clauses: Sequence[tuple[str, str]], facts: Mapping[str, object], *, annotation: Mapping[str, object]
) -> tuple[str, list[dict[str, object]]]:
    """The text of the lease, and what an annotator found in it."""
    text = (
        f"LEASE AGREEMENT\n\nThis Lease is made as of {facts['signed_words']} between {facts['landlord']} "
        f'("Landlord") and {facts["tenant"]} ("Tenant").\n'
    )
    found: list[dict[str, object]] = []
    for position, (clause, wording) in enumerate(clauses, start=1):
        head, passage, tail = wording.replace("]", "[").split("[")
        text += f"\n{position}. {clause.replace('_', ' ').upper()}. {head.format(**facts)}"
        start, words = len(text), passage.format(**facts)
        text += f"{words}{tail.format(**facts)}\n"
        named = [ANNOTATED_AS.get(name, name) for _, name, _, _ in Formatter().parse(passage) if name]
        spans = {"start": start, "end": start + len(words)}
        values = {name: annotation[name] for name in named}
        found.append({"type": clause, "text": words, "spans": spans, "values": values})
    if facts["guarantor"]:
        text += f"\n{facts['guarantor']} guarantees the obligations of Tenant hereunder.\n"
    return text + "\nExecuted by the parties as of the date first written above.\n", found


def first_release() -> dict[str, list[dict[str, object]]]:
    """The leases of the first release, by file."""
    return {name: [misread_lease(n) if n in MISREAD else lease(n) for n in numbers] for name, numbers in FIRST.items()}


def growth() -> dict[str, list[dict[str, object]]]:
    """The leases of the files that are corrected or new in the second release, by file."""
    corrected = {name: numbers for name, numbers in FIRST.items() if any(n in MISREAD for n in numbers)}
    return {name: [lease(n) for n in numbers] for name, numbers in {**corrected, **RETAIL}.items()}


def write(directory: Path, files: Mapping[str, Sequence[Mapping[str, object]]]) -> None:
    """Each file as JSON Lines in the directory, which is made if absent."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, leases in files.items():
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in leases)
        (directory / name).write_bytes(lines.encode())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write lease documents with annotations as JSON Lines.")
    parser.add_argument("directory", metavar="DIR", type=Path)
    parser.add_argument("--grow", action="store_true", help="add 2,000 retail leases, correct 50 dates")
    arguments = parser.parse_args()
    if not arguments.grow:
        write(arguments.directory, first_release())
        print("Wrote 5,000 leases into 7 files.")
        return
    missing = [name for name in FIRST if not (arguments.directory / name).is_file()]
    if missing:
        parser.error(f"{arguments.directory} has no {missing[0]}: write the first release without --grow")
    write(arguments.directory, growth())
    print("Wrote 2,000 retail leases into 4 new files; corrected 50 leases in 2 files.")


if __name__ == "__main__":
    main()
