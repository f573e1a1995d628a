"""Data for four of dsv's templates, the same bytes on every machine and Python.

    python generate.py contracts DIR       200 contracts, for contract_intelligence
    python generate.py obligations DIR     240 obligations and 200 dependencies, for obligation_dependency
    python generate.py regulations DIR     180 provisions as they read for a time, for regulatory_language
    python generate.py clauses DIR         240 wordings of 80 clauses, for clause_evolution

With --mistakes some records are wrong, in ways that happen to real data and that the template's rules are there to
find. Every record is a function of its number; companies, laws and contracts are invented. Leases, for
lease_abstraction, and conversations, for sft_chat, are written by examples/leases and examples/chat.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

Item = TypeVar("Item")
Record = dict[str, object]
Files = dict[str, list[Record]]

FAMILIES = ("Aldrich", "Béranger", "Castellanos", "Dunmore", "Eriksen", "Fontaine", "Grünwald", "Hargrove", "Ōtaki")
TRADES = ("Logistics", "Instruments", "Foods", "Systems", "Textiles", "Pharma", "Energy", "Advisors")
FORMS = ("Inc.", "LLC", "GmbH", "Ltd", "S.A.")
LAWS = ("New York", "Delaware", "England and Wales", "Germany", "Singapore")


class Draw:
    """Draws from a seed; rests on Random.random() alone, whose sequence Python keeps between releases."""

    def __init__(self, seed: str) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def one(self, items: Sequence[Item]) -> Item:
        """One of the items."""
        return items[self.number(0, len(items) - 1)]

    def company(self) -> str:
        """The name of one."""
        return f"{self.one(FAMILIES)} {self.one(TRADES)} {self.one(FORMS)}"

    def day(self, first: int, last: int) -> date:
        """A day of the years from first to last."""
        return date(first, 1, 1) + timedelta(days=self.number(0, 365 * (last - first + 1) - 1))


KINDS = {
    "license": ("Licensor", "Licensee", "use of the licensed software"),
    "master_services": ("Provider", "Client", "the services set out in each statement of work"),
    "non_disclosure": ("Discloser", "Recipient", "the exchange of confidential information"),
    "purchase": ("Seller", "Buyer", "the goods listed in Exhibit A"),
    "supply": ("Supplier", "Purchaser", "the continuous supply of components"),
}
CLAUSES = {
    "assignment": "Neither party may assign this agreement without the prior written consent of the other.",
    "confidentiality": "Each party shall keep the other's information secret for {years} years after the term.",
    "indemnity": "{first} shall indemnify {second} against claims of third parties up to ${cap:,}.",
    "liability_cap": "The liability of either party is limited to ${cap:,} in the aggregate.",
    "payment": "{second} shall pay each invoice within {days} days of its receipt.",
    "renewal": "The term is renewed for {years} years unless a party objects {days} days before its end.",
    "termination": "Either party may terminate this agreement upon {days} days' written notice.",
    "warranty": "{first} warrants for {years} years that what it delivers is free of defects.",
}
LARGE_CAP = 1_500_000


def contract(number: int) -> Record:
    """The contract with this number."""
    draw = Draw(f"contract {number}")
    kind = draw.one(list(KINDS))
    first, second, subject = KINDS[kind]
    parties = [{"name": draw.company(), "role": first}, {"name": draw.company(), "role": second}]
    begins = draw.day(2019, 2024)
    years = draw.number(1, 7)
    ends = None if draw.number(1, 4) == 1 else (begins + timedelta(days=365 * years)).isoformat()
    facts = {"first": first, "second": second, "years": years, "days": 15 * draw.number(1, 6)}
    cap = 50_000 * draw.number(1, 60)
    chosen = [label for label in CLAUSES if draw.number(1, 3) > 1] or ["termination"]
    clauses = [{"label": label, "text": CLAUSES[label].format(**facts, cap=cap)} for label in chosen]
    law = draw.one(LAWS)
    head = (
        f"AGREEMENT {number} made on {begins.isoformat()} between {parties[0]['name']} (the {first}) and "
        f"{parties[1]['name']} (the {second}) on {subject}, governed by the law of {law}."
    )
    return {
        "contract_id": f"CTR-{number:05}",
        "contract_type": kind,
        "parties": parties,
        "governing_law": law,
        "effective_date": begins.isoformat(),
        "expiration_date": ends,
        "risk": "high" if "liability_cap" not in chosen else "medium" if cap > LARGE_CAP else "low",
        "clauses": clauses,
        "text": "\n".join([head, *(f"{place}. {each['text']}" for place, each in enumerate(clauses, 1))]),
    }


def contracts(*, mistakes: bool) -> Files:
    """Contracts, of which every tenth is for testing."""
    files: Files = {"train.jsonl": [], "test.jsonl": []}
    for number in range(1, 201):
        files["test.jsonl" if number % 10 == 0 else "train.jsonl"].append(contract(number))
    if mistakes:
        train, test = files["train.jsonl"], files["test.jsonl"]
        train[11]["risk"] = "hgih"  # typed by hand
        train[29] |= {"effective_date": "2023-05-01", "expiration_date": "2021-05-01"}  # the two years swapped
        test.append({**train[41], "contract_id": "CTR-00999"})  # copied over with a new id
    return files


ACTIONS = {
    "deliver": "deliver the goods to the agreed place",
    "inspect": "inspect what was delivered and name its defects",
    "insure": "take out insurance and show the policy",
    "notify": "notify the other party in writing",
    "pay": "pay the amount that is due",
    "report": "report on the quantities of the month",
}


def obligation(number: int) -> Record:
    """The obligation with this number."""
    draw = Draw(f"obligation {number}")
    party, action = draw.one(("Supplier", "Purchaser")), draw.one(list(ACTIONS))
    days = None if draw.number(1, 4) == 1 else 5 * draw.number(1, 12)
    within = "without delay" if days is None else f"within {days} days"
    return {
        "id": f"OB-{number}",
        "record": "obligation",
        "contract_id": f"CTR-{(number - 1) // 6 + 1:05}",
        "party": party,
        "action": action,
        "due_days": days,
        "text": f"{party} shall {ACTIONS[action]} {within}.",
    }


def dependency(number: int, obligation_number: int) -> Record:
    """That this obligation waits for the one before it in the same contract."""
    relation = Draw(f"dependency {number}").one(("after", "if_performed", "if_breached", "unless"))
    return {
        "id": f"DEP-{number}",
        "record": "dependency",
        "obligation": f"OB-{obligation_number}",
        "depends_on": f"OB-{obligation_number - 1}",
        "relation": relation,
    }


def obligations(*, mistakes: bool) -> Files:
    """Six obligations a contract, each but the first waiting for the one before."""
    waiting = [number for number in range(1, 241) if (number - 1) % 6]
    files: Files = {
        "obligations.jsonl": [obligation(number) for number in range(1, 241)],
        "dependencies.jsonl": [dependency(place, number) for place, number in enumerate(waiting, 1)],
    }
    if mistakes:
        owed = files["obligations.jsonl"]
        del owed[99:102]  # a page that was not uploaded; three dependencies name what stood on it
        owed[5]["action"] = "paid"
        files["dependencies.jsonl"].append({**files["dependencies.jsonl"][0], "id": "DEP-900"})  # told twice
    return files


RULES = (
    "A creditor shall disclose the {what} before the consumer is bound.",
    "An institution shall keep records of each {what} for {years} years.",
    "A report on the {what} is due within {days} days of the end of the quarter.",
    "No person may offer a {what} without a license under this part.",
)
SUBJECTS = ("annual percentage rate", "beneficial owner", "liquidity position", "payment service", "variable annuity")
JURISDICTIONS = {"US": "Office of Ledgers", "US-NY": "Department of Accounts", "DE": "Amt für Rechnung", "SG": "Board"}
PROVISIONS = 180


def provision(number: int) -> list[Record]:
    """A provision in the words of one time after another."""
    draw = Draw(f"provision {number}")
    place = draw.one(list(JURISDICTIONS))
    rule, what = draw.one(RULES), draw.one(SUBJECTS)
    begins = draw.day(2008, 2012)
    versions = draw.number(1, 4)
    found: list[Record] = []
    for edition in range(1, versions + 1):
        ends = begins + timedelta(days=draw.number(200, 900))
        is_last = edition == versions
        is_repealed = is_last and draw.number(1, 8) == 1
        found.append(
            {
                "provision_id": f"REG-{number:04}-{edition}",
                "citation": f"{number} R. § {draw.number(1, 90)}.{number}",
                "jurisdiction": place,
                "regulator": JURISDICTIONS[place],
                "status": "repealed" if is_repealed else "in_force" if is_last else "superseded",
                "effective_from": begins.isoformat(),
                "effective_to": None if is_last and not is_repealed else ends.isoformat(),
                "supersedes": None if edition == 1 else f"REG-{number:04}-{edition - 1}",
                "text": rule.format(what=what, years=draw.number(2, 10), days=5 * draw.number(2, 18)),
            }
        )
        begins = ends + timedelta(days=1)
    return found


def regulations(*, mistakes: bool) -> Files:
    """Provisions in a file for each jurisdiction."""
    files: Files = {}
    count, number = 0, 0
    while count < PROVISIONS:
        number += 1
        for each in provision(number):
            files.setdefault(f"{str(each['jurisdiction']).lower()}.jsonl", []).append(each)
            count += 1
    if mistakes:
        ended = [each for each in files["us.jsonl"] if each["status"] == "superseded"]
        ended[0]["effective_to"] = "2011-02-30"
        ended[1]["effective_to"] = "1999-12-31"
        ended[2]["effective_to"] = None
        del files["de.jsonl"][0]  # the first words of a provision whose second words are still there
    return files


WORDINGS = {
    "confidentiality": "shall keep secret all information that is marked confidential for {years} years",
    "force_majeure": "is excused while an event beyond its control lasts, up to {days} days",
    "indemnity": "shall indemnify the other against claims of third parties up to ${cap:,}",
    "liability_cap": "is liable for no more than ${cap:,} in a year",
    "termination": "may terminate upon {days} days' written notice",
}
CHANGES = {
    "broadened": "Each party, its affiliates and its successors",
    "narrowed": "Each party, but not its affiliates,",
    "clarified": "Each of the parties to this agreement",
    "renumbered": "Each party",
}


def clause(number: int) -> list[Record]:
    """A clause, wording by wording."""
    draw = Draw(f"clause {number}")
    kind = draw.one(list(WORDINGS))
    day = draw.day(2016, 2019)
    found: list[Record] = []
    for revision in (1, 2, 3):
        change = "first" if revision == 1 else draw.one(list(CHANGES))
        facts = {"years": draw.number(2, 9), "days": 15 * draw.number(1, 8), "cap": 50_000 * draw.number(1, 40)}
        found.append(
            {
                "revision_id": f"CL-{number:03}-r{revision}",
                "clause_id": f"CL-{number:03}",
                "clause_type": kind,
                "revision": revision,
                "previous": None if revision == 1 else f"CL-{number:03}-r{revision - 1}",
                "dated": day.isoformat(),
                "change": change,
                "text": f"{number}.{revision} {CHANGES.get(change, 'Each party')} {WORDINGS[kind].format(**facts)}.",
            }
        )
        day += timedelta(days=draw.number(90, 600))
    return found


def clauses(*, mistakes: bool) -> Files:
    """Clauses, of which every eighth is for testing, with all of its wordings."""
    files: Files = {"train.jsonl": [], "test.jsonl": []}
    for number in range(1, 81):
        files["test.jsonl" if number % 8 == 0 else "train.jsonl"] += clause(number)
    if mistakes:
        train = files["train.jsonl"]
        del train[4]  # the second wording of a clause, which its third names
        train.append({**train[-1], "revision_id": "CL-079-r3b", "text": f"{train[-1]['text']} Notices go by post."})
        train[0]["change"] = "broadened"  # a first wording broadens nothing
    return files


WRITERS: Mapping[str, Callable[..., Files]] = {
    "contracts": contracts,
    "obligations": obligations,
    "regulations": regulations,
    "clauses": clauses,
}


def write(directory: Path, files: Files) -> int:
    """Each file as JSON Lines in the directory, which is made if absent; how many records that are."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, records in files.items():
        lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in records)
        (directory / name).write_bytes(lines.encode())
    return sum(map(len, files.values()))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Write data for a template of dsv as JSON Lines.")
    parser.add_argument("kind", choices=sorted(WRITERS))
    parser.add_argument("directory", metavar="DIR", type=Path)
    parser.add_argument("--mistakes", action="store_true", help="with some records that are wrong")
    arguments = parser.parse_args()
    count = write(arguments.directory, WRITERS[arguments.kind](mistakes=arguments.mistakes))
    print(f"Wrote {count} records{', some of them wrong' if arguments.mistakes else ''}.")


if __name__ == "__main__":
    main()
