"""How `dsv check` writes what it found: for people, for pipelines, and for those who may not see the data."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dsv.checks.catalogue import AREAS, CHECKS
from dsv.checks.numbers import LEVEL
from dsv.exports.junit import junit
from dsv.exports.workflow_commands import workflow_commands
from dsv.model.finding import Finding, Findings, Status
from tests.cli.manifest_edits import edit
from tests.conftest import Scratch

FIRST = "manifests/notes/1.0.0.yaml"
HOSTILE = '100 %, <b>\n::error::x\x1b[31m & "y" ]]> \u202e'


def finding(status: Status = Status.FAILED, **more: object) -> Finding:
    return Finding(LEVEL, status, HOSTILE, **{"dataset": "notes", "version": "1.0.0", "file": FIRST, "line": 3, **more})


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - of our own making


def findings(*results: Finding, prefix: str = "") -> Findings:
    return Findings(results, versions=1, prefix=prefix)


def test_each_number_is_given_once_and_they_ascend_by_area() -> None:
    numbers = [each.number for each in CHECKS]
    assert len(numbers) == len(set(numbers))
    for area in AREAS:
        assert [each.number for each in area.checks] == sorted(each.number for each in area.checks)


def test_each_check_has_a_test_that_provokes_it() -> None:
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_check*.py"))
    marked = {each for marks in re.findall(r"mark\.provokes\(([^)]*)\)", text) for each in re.findall(r"C\d+", marks)}
    assert {each.number for each in CHECKS} - marked == set()


def test_each_form_is_written_and_leaves_with_1(released: Scratch) -> None:
    edit(released, FIRST, ("First notes", "First words"))
    assert released.dsv("check", "--as", "json", code=1).json["ok"] is False
    said = released.dsv("check", "--as", "github", code=1).stdout
    assert said.startswith(
        f"::error file={FIRST},line=1,title=C201 unchanged::differs from what HEAD has%0Ato mend it: "
    )
    root = parsed(released.dsv("check", "--as", "junit", code=1).stdout)
    assert [each.get("type") for each in root.iter("failure")] == ["C201", "C202", "C501"]
    assert released.dsv("check", "-q", code=1).stdout.count("failed   ") == 3
    released.refused("check", "--as", "pdf", code=2, kind="usage")


def test_a_workflow_command_holds_one_line_whatever_it_says() -> None:
    said = workflow_commands(findings(finding(Status.WARNING), finding(file="a,b:c%.yaml"), prefix="sub"))
    first, second, verdict = said.splitlines()
    assert first.startswith(
        "::error file=sub/a%2Cb%3Ac%25.yaml,line=3,title=C402 number::100 %25, <b>\\n::error::x\\x1b"
    )
    assert second.startswith(f"::warning file=sub/{FIRST},line=3,title=C402 number::")
    assert verdict == "dsv check: 1 failed, 1 warning"


def test_what_has_no_line_is_annotated_all_the_same() -> None:
    first = workflow_commands(findings(finding(file=None, line=None, content=("a", "b")))).splitlines()[0]
    assert first.startswith("::error title=C402 number::notes@1.0.0: 100 %25")
    assert "%0Aa%0Ab%0Ato mend it: " in first


# What the schema of Jenkins' xUnit plug-in (junit-10.xsd) allows: the attributes of an element, * for required ones,
# and what may be in it.
JUNIT = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {
            "name*",
            "tests*",
            "failures*",
            "errors*",
            "time",
            "skipped",
            "timestamp",
            "hostname",
            "id",
            "package",
            "file",
        },
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": ({"name*", "time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": ({"type", "message"}, set()),
    "skipped": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


def holds_the_shape(element: ET.Element) -> None:
    attributes, inside = JUNIT[element.tag]
    assert set(element.attrib) <= {each.rstrip("*") for each in attributes}
    assert {each[:-1] for each in attributes if each.endswith("*")} <= set(element.attrib)
    for child in element:
        assert child.tag in inside
        holds_the_shape(child)


def test_junit_has_the_shape_that_its_readers_know() -> None:
    every = [finding(status, dataset=name) for status in Status for name in ("notes", None)]
    root = parsed(junit(findings(*every)))
    assert root.tag == "testsuites"
    holds_the_shape(root)
    assert [each.get("name") for each in root] == ["notes", "repository"]
    assert root.attrib == {"name": "dsv check", "tests": "8", "failures": "2", "errors": "0", "time": "0"}
    for suite in root:
        assert int(suite.get("tests", "")) == len(suite.findall("testcase"))
        assert int(suite.get("failures", "")) == len(suite.findall("testcase/failure")) == 1
        assert int(suite.get("skipped", "")) == len(suite.findall("testcase/skipped")) == 1
    (failure,) = root[0].iter("failure")
    assert failure.get("message") == '100 %, <b>\\n::error::x\\x1b[31m & "y" ]]> \\u202e'
    assert failure.text is not None
    assert "\n::error" in failure.text


def test_without_content_nothing_of_the_data_is_left() -> None:
    result = findings(finding(content=("a record",)))
    assert result.document()["results"][0]["content"] == ["a record"]
    hidden = result.without_content()
    assert hidden.document()["results"][0]["content"] == []
    assert "a record" not in junit(hidden) + workflow_commands(hidden)


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ([], "nothing to check"),
        ([Status.PASSED], "1 passed"),
        ([Status.WARNING, Status.SKIPPED, Status.WARNING, Status.FAILED], "1 failed, 2 warnings, 1 not looked at"),
    ],
)
def test_the_verdict_is_one_line(statuses: list[Status], verdict: str) -> None:
    assert findings(*map(finding, statuses)).verdict == verdict
