"""`python -m tests.races --minutes 10 --seed 1 --processes 8`: commands at once in a repository, until the time is up.

A clone pushes and releases beside it. Every command must do its work or be refused in its own words; at the end of each
round nothing is half done. What is found is printed, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.races.crowd import Outcome, at_once

NAMES = ("alpha", "beta", "gamma", "delta")
WRITING = (
    *(
        "bump {name}",
        "bump {name}",
        "bump {name} --pre rc",
        "bump alpha beta gamma --if-changed",
        "rollback {name} 1.0.0",
    ),
    *("promote {name} prod", "demote {name} prod", "deprecate {name}@1.0.0 --reason why", "restore {name}@1.0.0"),
    *("checkout {name}", "pull", "pull {name}", "push", "push {name}", "tag --missing", "init", "undo {name}"),
    *("bump {name} --renumber", "doctor --fix", "fetch {name}"),
)
READING = (
    *("list", "list --all --json", "log", "log {name}", "show {name}", "show {name}@1.0.0", "status", "status {name}"),
    *(
        "search more",
        "which --id r1",
        "which --text more",
        "diff {name}",
        "diff {name}@1.0.0 {name} --records",
        "check",
    ),
    *("verify", "verify --all", "index status", "index rebuild", "doctor"),
)
ANSWERS = {0, 1, 10, 20, 40}
"""What a command may leave with here: missing data is an answer, too, where others release and have not pushed yet."""


def main() -> int:
    """The exit code: 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.races", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=8)
    options = parser.parse_args()
    chance = random.Random(options.seed)  # noqa: S311 - no secret is made of it
    end = time.monotonic() + 60 * options.minutes
    tried: Counter[tuple[str, int]] = Counter()
    found = 0
    with tempfile.TemporaryDirectory() as scratch:
        _settle(Path(scratch))
        ana, ben = _made(Path(scratch))
        rounds = 0
        while time.monotonic() < end:
            rounds += 1
            for clone in (ana, ben):
                for name in NAMES:
                    _change(clone, name, f"{rounds} {clone.name}")
            chosen = [chance.choice(WRITING if number % 2 else READING) for number in range(options.processes)]
            commands = [
                (chance.choice((ana, ana, ben)), each.format(name=chance.choice(NAMES)).split()) for each in chosen
            ]
            done = at_once(*commands)
            tried.update((each.words[0], each.code) for each in done)
            wrong = [each for each in done if each.crashed or each.code not in ANSWERS]
            for each in wrong:
                _say(f"round {rounds}: dsv {' '.join(each.words)}: exit {each.code}\n{each.stdout}\n{each.stderr}")
            found += len(wrong) + _half_done(ana, rounds) + _half_done(ben, rounds)
            if rounds % 5 == 0:
                _meet(ana, ben)
    for (word, code), count in sorted(tried.items()):
        _say(f"{word:12} exit {code:3}: {count:,}")
    _say(f"{rounds:,} rounds, {sum(tried.values()):,} commands at once, {found} findings")
    return 1 if found else 0


def _settle(scratch: Path) -> None:
    """No settings of the person who runs this."""
    (scratch / "home").mkdir()
    os.environ.update(HOME=str(scratch / "home"), GIT_CONFIG_NOSYSTEM="1", DVC_NO_ANALYTICS="1")
    os.environ["DVC_SITE_CACHE_DIR"] = str(scratch / "site")
    for key, value in (("user.name", "Ana"), ("user.email", "ana@example.com"), ("init.defaultBranch", "main")):
        _git(scratch, "config", "--global", key, value)


def _made(scratch: Path) -> tuple[Path, Path]:
    """Two clones of one repository with some datasets."""
    _git(scratch, "init", "-q", "--bare", "hub.git")
    ana, ben = scratch / "ana", scratch / "ben"
    _git(scratch, "clone", "-q", "hub.git", "ana")
    _dsv(ana, "init")
    for name in NAMES:
        (ana / "data").mkdir(exist_ok=True)
        rows = (json.dumps({"id": f"r{row}", "text": f"{name} {row}"}) + "\n" for row in range(200))
        (ana / f"data/{name}.jsonl").write_text("".join(rows))
    _dsv(ana, "add", *(f"data/{name}.jsonl" for name in NAMES), "--key", "id")
    _dsv(ana, "remote", "add", "storage", "../storage")
    _dsv(ana, "push")
    _git(scratch, "clone", "-q", "hub.git", "ben")
    _dsv(ben, "pull")
    return ana, ben


def _change(clone: Path, name: str, what: str) -> None:
    with (clone / f"data/{name}.jsonl").open("a") as stream:
        stream.write(json.dumps({"id": f"{what} {time.time_ns()}", "text": "more"}) + "\n")


def _meet(ana: Path, ben: Path) -> None:
    """The second clone has what the first has published, and no more."""
    _dsv(ana, "push")
    _git(ben, "fetch", "-q", "--prune", "--prune-tags", "--force", "--tags", "origin")
    _git(ben, "reset", "-q", "--hard", "origin/main")
    _dsv(ben, "fetch", "--all")
    for name in NAMES:
        _dsv(ben, "checkout", name, "--force")


def _half_done(clone: Path, rounds: int) -> int:
    """How many things are not as they must be after any race; each is told."""
    problems = []
    if (clone / ".git/dsv/journal.json").exists():
        problems.append("a journal is left")
    changed = _git(clone, "status", "--porcelain", "--untracked-files=all").splitlines()
    if others := [line for line in changed if not (line.startswith(" M data/") and line.endswith(".dvc"))]:
        problems.append(f"git status: {others}")  # a checkout of another version changes its pointer
    looks = ("doctor --json", "check --json", "verify --all --json", "log -n 99999 --json")
    doctor, check, verify, log = at_once(*((clone, look.split()) for look in looks))
    for done in (doctor, check, verify):
        if done.code not in (0, 40) or (done is verify and _lost(verify)):
            problems.append(f"dsv {done.words[0]}: {done.stdout}{done.stderr}")
    tags = set(_git(clone, "tag", "--list", "*@v*").split())
    known = {f"{each['dataset']}@v{each['version']}" for each in log.json["versions"]}
    if not tags <= known:
        problems.append(f"tags without a version: {sorted(tags - known)}")
    for problem in problems:
        _say(f"round {rounds}, {clone.name}: {problem}")
    return len(problems)


def _lost(done: Outcome) -> bool:
    """Whether verify found more than data of other clones' versions, which were not fetched."""
    return any(problem["kind"] != "missing" for result in done.json["results"] for problem in result["problems"])


def _dsv(clone: Path, *words: str) -> Outcome:
    program = [sys.executable, "-m", "dsv", *words]
    done = subprocess.run(program, cwd=clone, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"dsv {' '.join(words)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return Outcome(words, done.returncode, done.stdout, done.stderr)


def _git(place: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=place, capture_output=True, text=True, check=True).stdout


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
