"""Addresses of git repositories: which are taken, and when two name the same one."""

from __future__ import annotations

import pytest

from dsv.errors import UsageError
from dsv.model.git_address import GitAddress


@pytest.mark.parametrize(
    "text",
    [
        "https://git.example/team/leases.git",
        "https://git.example/team/leases",
        "https://git.example:443/team/leases/",
        "https://ana@git.example/team/leases.git",
        "https://GIT.example/team//leases.git",
        "http://git.example/team/leases.git",
        "git@git.example:team/leases.git",
        "ssh://git@git.example/team/leases.git",
        "ssh://git@git.example:22/team/leases",
        "git://git.example/team/l%65ases.git",
    ],
)
def test_one_repository_has_many_addresses(text: str) -> None:
    assert GitAddress.parse(text).identity == "git.example/team/leases"


@pytest.mark.parametrize("text", ["/srv/leases.git", "file:///srv/leases.git", "/srv/leases/", "/srv/leases/.git"])
def test_a_directory_is_one_repository_however_it_is_written(text: str) -> None:
    assert GitAddress.parse(text).identity == "/srv/leases"


def test_other_hosts_ports_and_paths_are_other_repositories() -> None:
    texts = ("https://a.example/x", "https://b.example/x", "https://a.example:8443/x", "https://a.example/X", "/x")
    assert len({GitAddress.parse(each).identity for each in texts}) == len(texts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " https://git.example/x",
        "https://git.example/x\n",
        "https://git.example/\x1b[31m",
        "-oProxyCommand=date:x",
        "--upload-pack=date",
        "ssh://-oProxyCommand=date/x",
        "ext::sh -c date",
        "fd::7",
        "file::/srv/x",
        "ftp://git.example/x",
        "javascript:alert(1)//x/y" * 200,
        "https://git.example",
        "https:///x",
        "file://host/x",
        "leases",
        "../leases",
    ],
)
def test_what_is_no_address_or_names_a_program_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        GitAddress.parse(text)


@pytest.mark.parametrize("text", ["https://ana:hunter2@git.example/x", "https://git.example/x?token=hunter2"])
def test_a_secret_in_an_address_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        GitAddress.parse(text)
    assert "hunter2" not in f"{refused.value.message} {refused.value.hint} {refused.value.details}"


def test_a_user_is_not_shown_because_it_may_be_a_token() -> None:
    assert GitAddress.parse("https://ghp_hunter2@git.example/x").shown == "https://***@git.example/x"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("https://git.example/team/leases.git", "leases"),
        ("git@git.example:sec-filings", "sec-filings"),
        ("/srv/2024 data.git/", "data"),
        ("/srv/x/.git", "x"),
    ],
)
def test_a_repository_is_called_like_the_last_part_of_its_address(text: str, name: str) -> None:
    assert GitAddress.parse(text).usual_name == name
