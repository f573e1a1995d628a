"""Formats from other packages: found by their entry point, checked, and never in place of dsv's own."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from dsv.errors import UnsupportedError
from dsv.model.reading import Reading
from dsv.records.formats import choose, contents_of, format_names, is_format
from dsv.records.formats.plugins import plug_ins

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "formats.md"
EXAMPLE, CONTRACT = re.findall(r"```python\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs packages that have one module and one entry point; they are gone after the test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install_package(name: str, code: str, *, entry: str) -> None:
        module = f"plug_in_{name}"
        (tmp_path / f"{module}.py").write_text(code)
        about = tmp_path / f"dsv_{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dsv-{name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[dsv.formats]\n{entry} = {module}:FORMAT\n")
        plug_ins.cache_clear()

    yield install_package
    plug_ins.cache_clear()
    for module in [module for module in sys.modules if module.startswith("plug_in_")]:
        del sys.modules[module]


def records(name, content, *, declared="auto"):
    chosen = choose(name, Reading(format=declared))
    stream = io.BufferedReader(io.BytesIO(content))
    return [value for _, value in contents_of(chosen, stream, path=name).records]


def broken(read: str, *, name: str = "odd", suffix: str = ".odd") -> str:
    """The code of a format whose method `read` is this."""
    return dedent(f"""
        from dsv.records.formats import Access, Contents

        class Odd:
            name, suffixes, access = {name!r}, ({suffix!r},), Access.STREAM

            def read(self, stream):
                {read}

        FORMAT = Odd()
    """)


def test_another_package_adds_a_format(install, scan):
    assert choose("a.ini", Reading()) is None
    install("ini", EXAMPLE, entry="ini")
    assert records("a.ini", b"a = 1\nb = 2\n") == [{"a": "1"}, {"b": "2"}]
    assert records("part-1", b"a = 1\n", declared="ini") == [{"a": "1"}]
    assert "ini" in format_names()
    assert is_format("ini")
    found = scan("a.ini", b"a = 1\n\nno\n")
    assert (found.format, found.records, found.bad[0].line) == ("ini", 1, 3)
    import gzip

    assert scan("a.ini.gz", gzip.compress(b"a = 1\n")).records == 1


def test_the_documented_format_passes_the_contract_by_the_documented_test(tmp_path):
    (tmp_path / "documented.py").write_text(f"{EXAMPLE}\n{CONTRACT}\ntest_ini_keeps_the_contract()\nprint('kept')\n")
    done = subprocess.run([sys.executable, "documented.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("kept\n", "")


def test_plug_ins_are_not_looked_for_where_dsv_has_the_format(monkeypatch):
    def fail(**_):
        raise AssertionError("looked for plug-ins")

    plug_ins.cache_clear()
    monkeypatch.setattr("importlib.metadata.entry_points", fail)
    for path in ("a.jsonl", "a.csv.gz", "a.parquet", "b.json"):
        assert choose(path, Reading())
    assert choose("a.txt", Reading(format="text"))
    assert choose("a.png", Reading(format="opaque")) is None
    assert is_format("auto")
    assert is_format("tsv")


@pytest.mark.parametrize(
    ("code", "entry", "reason"),
    [
        ("raise RuntimeError('no')", "odd", "format plug-in 'odd' of dsv-odd cannot be loaded: RuntimeError: no"),
        ("FORMAT = 7", "odd", "cannot be loaded: AttributeError"),
        ("import not_there", "odd", "cannot be loaded: ModuleNotFoundError"),
        (broken("pass", name="other"), "odd", "cannot be used: it calls itself 'other'"),
        (broken("pass", suffix="odd"), "odd", "cannot be used: suffixes must be"),
        (broken("pass", name="json"), "json", "'json' has the name of a format that dsv has itself"),
        (broken("pass", name="auto"), "auto", "'auto' has the name of a format that dsv has itself"),
    ],
)
def test_a_plug_in_that_cannot_be_used_is_an_error_that_names_it(install, code, entry, reason):
    install("odd", code, entry=entry)
    with pytest.raises(UnsupportedError, match=re.escape(reason)):
        choose("a.odd", Reading())
    assert choose("a.jsonl", Reading()).name == "jsonl"


def test_two_plug_ins_for_the_same_files_are_an_error_that_names_both(install):
    install("one", broken("pass", name="one"), entry="one")
    install("two", broken("pass", name="two"), entry="two")
    with pytest.raises(UnsupportedError, match=r"two plug-ins read \.odd: 'one' and 'two'"):
        choose("a.odd", Reading())


def test_a_suffix_of_dsv_is_read_by_dsv(install):
    install("odd", broken("pass", suffix=".json"), entry="odd")
    assert choose("a.json", Reading()).name == "json"
    assert choose("a.unknown", Reading()) is None


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        ("raise KeyError('gone')", "'odd' failed: KeyError: 'gone'"),
        ("return Contents('odd', iter([(1, {'a': (1, 2)})]))", "'odd' makes records of a value of type tuple"),
        ("return Contents('odd', iter([(1, {1: 2})]))", "'odd' makes records of a field name of type int"),
        ("return Contents('odd', iter([(1, float('inf'))]))", "'odd' makes records of the float inf"),
        ("return Contents('odd', ((1, 1 // 0) for _ in 'x'))", "'odd' failed: ZeroDivisionError"),
        ("return None", "'odd' failed: AttributeError"),
    ],
)
def test_what_goes_wrong_in_a_plug_in_is_told_as_its_fault(install, read, reason):
    install("odd", broken(read), entry="odd")
    with pytest.raises(UnsupportedError, match=re.escape(reason)):
        records("a.odd", b"x")
