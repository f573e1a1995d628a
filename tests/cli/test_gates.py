"""Rules at a release: what breaks one is not released, and what is waived says so for ever."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import yaml

from dsv.checks.rules import plugins
from tests.conftest import Scratch, let_the_clock_tick, numbered

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "rules.md"


def declare(scratch: Scratch, rules: Sequence[str], *, dataset: str = "notes") -> None:
    """Give a dataset these rules."""
    file = scratch.root / f"manifests/{dataset}/dataset.yaml"
    value = yaml.safe_load(file.read_text())
    value["checks"] = list(rules)
    file.write_text(yaml.safe_dump(value, sort_keys=False))


def state(scratch: Scratch) -> tuple[str, str, list[str]]:
    """What a refused release must leave as it is."""
    versions = sorted(each.name for each in (scratch.root / "manifests/notes").iterdir())
    return scratch.git("rev-parse", "HEAD"), scratch.git("tag"), versions


@pytest.fixture
def worse(released: Scratch) -> Scratch:
    """A dataset with rules, whose new records break three of them."""
    declare(released, ["missing(text) == 0", "overlap(train, test)", "removed <= 5%", "records >= 100"])
    released.records(
        "data/notes/train.jsonl", [*numbered(70), *numbered(5, start=80), {"id": "n1"}, {"id": "n2", "text": ""}]
    )
    return released


def test_what_breaks_a_rule_is_not_released(worse: Scratch) -> None:
    before = state(worse)
    error = worse.refused("bump", "notes", "--waive", "key=tried twice", code=1, kind="gate")
    assert state(worse) == before
    assert error["message"].startswith("notes is not released, 4 of 4 checks fail: ")
    findings = {each["check"]: each for each in error["details"]["findings"]}
    missing = findings["missing(text) == 0"]
    assert (missing["value"], missing["limit"], missing["count"]) == ("2", "== 0", 2)
    assert missing["first"] == [{"file": "train.jsonl", "row": row, "what": ""} for row in (76, 77)]
    assert findings["overlap(train, test)"]["first"][0]["what"] == "is test.jsonl record 1 too"
    assert len(findings["removed <= 5%"]["first"]) == 10
    assert findings["records >= 100"]["message"] == "97 records"
    said = worse.dsv("bump", "notes", "--waive", "key=tried twice", code=1).stderr
    assert "    data/notes/train.jsonl record 76\n" in said
    assert '--waive "missing(text) == 0=WHY"' in said


def test_a_waiver_is_recorded_with_what_it_allows(worse: Scratch) -> None:
    waivers = [
        "missing(text)==0=vendor",
        "overlap=known = 5",
        "removed<=5%=a clean-up",
        "records >= 100=few",
        "key=twice",
    ]
    arguments = [each for waiver in waivers for each in ("--waive", waiver)]
    document = worse.json("bump", "notes", *arguments)
    validation = document["manifest"]["validation"]
    assert (validation["status"], validation["checks"]) == ("waived", 7)
    assert {each["check"]: each["reason"] for each in validation["waived"]} == {
        "key": "twice",
        "missing(text) == 0": "vendor",
        "overlap(train, test)": "known = 5",
        "removed <= 5%": "a clean-up",
        "records >= 100": "few",
    }
    [missing] = [each for each in validation["findings"] if each["check"] == "missing(text) == 0"]
    assert (missing["count"], missing["first"][0]) == (2, {"file": "train.jsonl", "row": 76, "what": ""})
    [key] = [each for each in validation["findings"] if each["check"] == "key"]
    assert (key["count"], key["first"][0]["what"]) == (5, "repeats test.jsonl record 1")
    assert [each["status"] for each in document["checks"]] == ["waived"] * 5
    assert worse.json("check")["ok"]
    file = worse.root / f"manifests/notes/{document['version']}.yaml"
    file.write_text(file.read_text().replace("status: waived", "status: passed"))
    found = worse.json("check", code=1)["results"]
    [failed] = [each for each in found if each["check"] == "validation" and each["status"] == "failed"]
    assert "passed, and 5 checks were waived" in failed["message"]


def test_a_waiver_names_one_check_that_there_is(worse: Scratch) -> None:
    declare(worse, ["missing(text)", "missing(id)", "overlap(exm@*)"])
    hint = worse.refused("bump", "notes", "--waive", "mising=x", code=2, kind="usage")["hint"]
    assert "known: key; missing(text); missing(id); overlap(exm@*)" in hint
    assert (
        "is several checks" in worse.refused("bump", "notes", "--waive", "missing=x", code=2, kind="usage")["message"]
    )
    unknown = worse.refused("bump", "notes", "--waive", "key=x", code=10, kind="no_dataset")["message"]
    assert unknown == "overlap(exm@*): there is no dataset 'exm'"


def test_a_dry_run_shows_every_check(released: Scratch) -> None:
    declare(released, ["records >= 10", "missing(text) <= 1%", "removed <= 5%"])
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    said = released.dsv("bump", "notes", "--dry-run").stdout
    assert "  checks   3 passed\n" in said
    assert "missing(text) <= 1%: 0 of 105 records lack text (0%)" in said
    assert "checks   3 passed" in released.dsv("bump", "notes").stdout


def test_a_first_version_is_held_against_the_rules_too(repo: Scratch) -> None:
    repo.records("data/notes.jsonl", [{"a": 1}, {"a": 1}])
    repo.dsv("add", "data/notes.jsonl", "--name", "notes", "--no-release")
    declare(repo, ["duplicates()", "removed <= 5%"])
    repo.refused("add", "data/notes.jsonl", "--name", "notes", code=1, kind="gate")
    assert (
        "cannot be waived"
        in repo.refused("add", "data/notes.jsonl", "--waive", "key=x", code=2, kind="usage")["message"]
    )
    done = repo.json("add", "data/notes.jsonl", "--name", "notes", "--waive", "duplicates=a test of two")
    assert {each["check"]: each["status"] for each in done["checks"]} == {
        "duplicates()": "waived",
        "removed <= 5%": "vacuous",
    }
    assert done["manifest"]["validation"]["checks"] == 2


def test_a_function_that_nobody_knows_is_refused_with_its_place(released: Scratch) -> None:
    declare(released, ["records >= 1", "mising(text) == 0"])
    released.records("data/notes/more.jsonl", numbered(5, start=200))
    assert released.json("status", "notes")["datasets"][0]["state"] == "changed"
    error = released.refused("bump", "notes", code=30, kind="manifest")
    line = next(
        at for at, each in enumerate(released.read("manifests/notes/dataset.yaml").splitlines(), 1) if "mising" in each
    )
    assert error["message"] == (
        f"manifests/notes/dataset.yaml:{line}:3: checks[1]: there is no check 'mising'; did you mean missing?"
    )


def test_no_record_of_a_protected_dataset_gets_into_another(released: Scratch) -> None:
    released.records("data/exam.jsonl", [{"q": n} for n in range(10)])
    released.dsv("add", "data/exam.jsonl", "--name", "exam")
    released.records("data/exam.jsonl", [{"q": n} for n in range(5, 15)])
    released.dsv("bump", "exam")
    with (released.root / "dsv.yaml").open("a") as settings:
        settings.write("protected: [exam, notes, later]\n")
    released.records("data/notes/train.jsonl", [*numbered(80), {"id": "r90", "q": 3}, {"q": 3}])
    released.records("data/tips.jsonl", [{"q": 3}, {"q": 7}, {"q": 12}, {"q": 20}])
    error = released.refused("add", "data/tips.jsonl", "--name", "tips", code=1, kind="gate")
    [finding] = error["details"]["findings"]
    assert finding["check"] == "overlap(exam@*) == 0"
    assert [each["what"] for each in finding["first"]] == ["is in exam@1.0.0", "is in exam@1.0.0", "is in exam@1.1.0"]
    done = released.json("add", "data/tips.jsonl", "--name", "tips", "--waive", "overlap(exam@*)=tips for the exam")
    assert [each["status"] for each in done["checks"]] == ["waived", "passed", "vacuous"]


def test_a_text_that_is_nearly_one_of_the_exam_is_found(released: Scratch) -> None:
    line = "the tenant shall pay rent monthly in advance and insure the premises against loss by fire or water"
    words = line.split()
    exam = [" ".join(words[start:] + words[:start] + words[::2]) for start in range(len(words))]
    released.records("data/exam.jsonl", [{"q": text} for text in exam])
    released.dsv("add", "data/exam.jsonl", "--name", "exam")
    declare(released, ["near_overlap(exam@*)", "near_overlap(train, test, field=text, similarity=0.5) == 0"])
    alike = exam[3].upper().replace(" ", ", ") + "!"
    released.records(
        "data/notes/train.jsonl", [*numbered(80), {"id": "n1", "text": alike}, {"id": "n2", "text": exam[0][:40]}]
    )
    [finding] = released.refused("bump", "notes", code=1, kind="gate")["details"]["findings"]
    assert finding["check"] == "near_overlap(exam@*)"
    assert finding["first"] == [
        {"file": "train.jsonl", "row": 81, "what": "is 1.00 like exam@1.0.0 exam.jsonl record 4"}
    ]


def test_drift_is_told_from_the_version_before(released: Scratch) -> None:
    released.records("data/notes/train.jsonl", numbered(80, label="a"))
    released.dsv("bump", "notes")
    declare(released, ["drift(label) <= 10%"])
    released.records("data/notes/train.jsonl", [*numbered(60, label="a"), *numbered(20, start=60, label="b")])
    [finding] = released.refused("bump", "notes", code=1, kind="gate")["details"]["findings"]
    assert finding["value"] == "20%"
    done = released.json("bump", "notes", "--waive", "drift=b is new")
    [kept] = [each for each in done["manifest"]["profile"] if each["name"] == "label"]
    assert kept["labels"] == [{"value": "a", "count": 60}, {"value": "b", "count": 20}]


def test_the_way_back_keeps_waivers_and_may_remove(released: Scratch) -> None:
    declare(released, ["removed <= 1%", "missing(text)"])
    released.records("data/notes/more.jsonl", [{"id": "x"}])
    released.dsv("bump", "notes", "--waive", "missing=one")
    released.records("data/notes/more.jsonl", numbered(50, start=200))
    released.dsv("bump", "notes")
    done = released.json("rollback", "notes", "1.0.1")
    assert done["manifest"]["validation"]["waived"] == [{"check": "missing(text)", "reason": "one"}]
    assert [each["check"] for each in done["checks"]] == ["missing(text)"]
    declare(released, ["records >= 120"])
    released.git("commit", "-qam", "more")
    released.refused("rollback", "notes", "1.0.0", code=1, kind="gate")
    released.dsv("rollback", "notes", "1.0.0", "--waive", "records=it was so", "--dry-run")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Installs a package with one check; it is gone after the test."""
    place = tmp_path / "packages"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))

    def install_package(code: str, *, entry: str) -> None:
        (place / "plug_in_check.py").write_text(code)
        about = place / "dsv_check-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: dsv-check\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[dsv.checks]\n{entry}\n")
        _forget()

    def _forget() -> None:
        plugins._entries.cache_clear()
        plugins._loaded.cache_clear()
        sys.modules.pop("plug_in_check", None)

    yield install_package
    _forget()


def test_another_package_adds_a_check(released: Scratch, install: Callable[..., None]) -> None:
    code = next(block for block in DOCUMENTATION.read_text().split("```python\n")[1:]).split("```")[0]
    install(code, entry="pii = plug_in_check:PII")
    declare(released, ["pii(text)", "pii(text, id) <= 50%"])
    released.records("data/notes/more.jsonl", [*numbered(2, start=200), {"id": "m", "text": "ask ana@example.com"}])
    error = released.refused("bump", "notes", code=1, kind="gate")
    [finding] = error["details"]["findings"]
    assert finding["first"] == [{"file": "more.jsonl", "row": 3, "what": "text holds an e-mail address"}]
    declare(released, ["pii() == 0"])
    assert released.json("status")["datasets"][0]["state"] == "changed"
    message = released.refused("bump", "notes", code=30, kind="manifest")["message"]
    assert "pii(): ValueError: name the fields to look at" in message


def test_a_check_of_another_package_that_fails_is_named(released: Scratch, install: Callable[..., None]) -> None:
    broken = """
class Odd:
    name = "odd"
    def begin(self):
        return lambda record: 1 / 0 if record["id"] == "r200" else "a\\ud800\\nb"

ODD = Odd()
"""
    install(broken, entry="odd = plug_in_check:ODD")
    declare(released, ["odd()"])
    released.records("data/notes/more.jsonl", numbered(2, start=200))
    [finding] = released.refused("bump", "notes", code=1, kind="gate")["details"]["findings"]
    said = [each["what"] for each in finding["first"] if each["file"] == "more.jsonl"]
    assert said == ["odd failed: ZeroDivisionError: division by zero", "a\\ud800 b"]


def test_files_are_read_again_for_a_new_rule_and_not_for_an_old_one(released: Scratch) -> None:
    from dsv.repository import open_repository
    from dsv.repository.contents.gather import gather
    from dsv.repository.declared.datasets import load_dataset_file

    def all_were_read() -> bool:
        repository = open_repository(released.root)
        return gather(repository, "notes", load_dataset_file(repository, "notes")).read_profile is not None

    let_the_clock_tick()
    all_were_read()
    assert not all_were_read()
    declare(released, ["missing(text)"])
    assert not all_were_read()
    declare(released, ["missing(text)", "distinct(text) >= 10"])
    assert all_were_read()
    assert not all_were_read()
