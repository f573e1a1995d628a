"""Which other repositories were added to this clone: kept in its git settings, as remotes are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dsv.errors import BadNameError, ExistsError, NoRemoteError, UsageError
from dsv.model.git_address import GitAddress
from dsv.model.name import check_name, is_name
from dsv.repository.elsewhere.mark import START, any_added

if TYPE_CHECKING:
    from dsv.adapters.git import Git
    from dsv.repository.repository import Repository


@dataclass(frozen=True)
class AddedRepository:
    """Another repository: its name here, its address, and its DVC root ("" is git's)."""

    name: str
    address: GitAddress
    root: str = ""


def added_repositories(repository: Repository) -> list[AddedRepository]:
    """Those that were added, by name; one that somebody wrote wrongly into the settings is left out, and told."""
    if not any_added(repository.git.common):
        return []
    rows = repository.git.run("config", "--local", "--null", "--get-regexp", rf"^{START.replace('.', '[.]')}")
    urls: dict[str, str] = {}
    roots: dict[str, str] = {}
    for row in os.fsdecode(rows).split("\0"):
        key, _, value = row.partition("\n")
        name, _, what = key.removeprefix(START).rpartition(".")
        if what in ("url", "root"):
            (urls if what == "url" else roots)[name] = value
    found = []
    for name, url in sorted(urls.items()):
        try:
            found.append(AddedRepository(check_name(name), GitAddress.parse(url), checked_root(roots.get(name, ""))))
        except (BadNameError, UsageError) as error:
            repository.tell(f"git config {START}{name} is left out: {error.message}")
    return found


def added_repository(repository: Repository, name: str) -> AddedRepository:
    """The one of this name; NoRemoteError where there is none."""
    there = added_repositories(repository)
    for each in there:
        if each.name == name:
            return each
    names = [each.name for each in there]
    hint = f"there are {', '.join(names)}" if names else "dsv index add URL adds one"
    raise NoRemoteError(f"no repository was added as {name!a}", hint=hint, details={"repositories": names})


def new_repository(repository: Repository, text: str, *, name: str, root: str, directory: str) -> AddedRepository:
    """What is to be added: a relative path counts from the directory, without a name it has that of its address.

    Errors: UsageError for an address, BadNameError for a name that will not do; ExistsError where one of both is there
    already, or the address is this repository's own.
    """
    address = address_of(text, directory=directory)
    if not name and not is_name(address.usual_name):
        raise BadNameError(f"{address.shown} gives no name to call it by", hint="choose one with --name")
    new = AddedRepository(check_name(name or address.usual_name, what="name"), address, checked_root(root))
    for each in added_repositories(repository):
        if each.name.lower() == new.name.lower():
            raise ExistsError(
                f"{each.name} is {each.address.shown} already",
                hint=f"dsv index refresh {each.name} reads it again; --name gives this one another name",
            )
        if (each.address.identity, each.root) == (address.identity, new.root):
            raise ExistsError(
                f"{address.shown} was added as {each.name}", hint=f"dsv index refresh {each.name} reads it again"
            )
    if root == repository.layout.prefix and is_ours(repository, address):
        raise ExistsError(f"{address.shown} is this repository", hint="git fetch brings what it has; lists show that")
    return new


def keep(repository: Repository, new: AddedRepository) -> None:
    """It is among the added ones from now on."""
    if new.root:
        repository.git.run("config", "--local", f"{START}{new.name}.root", new.root)
    repository.git.run("config", "--local", f"{START}{new.name}.url", new.address.text)


def forget(repository: Repository, name: str) -> None:
    """It is none of them any more."""
    repository.git.run("config", "--local", "--remove-section", f"{START}{name}")


def name_of_repository(repository: Repository, url: str) -> str | None:
    """The name under which the repository at this URL was added; "" for this one itself, None for others.

    Addresses are the same when they differ in no more than scheme, user, usual port and `.git`.
    """
    try:
        address = address_of(url, directory=repository.layout.root)
    except UsageError:
        return None
    if is_ours(repository, address):
        return ""
    same = (each.name for each in added_repositories(repository) if each.address.identity == address.identity)
    return next(same, None)


def own_address(repository: Repository) -> str:
    """Where this repository can be cloned from: its remote `origin`, or the only one; "" where that is not known."""
    return clone_address(repository.git)


def clone_address(git: Git) -> str:
    """Where what git has here can be cloned from, without secrets; "" where that is not known."""
    from dsv.adapters.git.clone import configuration, remotes

    there = remotes(configuration(git))
    url = there.get("origin") or (next(iter(there.values())) if len(there) == 1 else "")
    try:
        return address_of(url, directory=git.root).recorded if url else ""
    except UsageError:
        return ""


def is_ours(repository: Repository, address: GitAddress) -> bool:
    """Whether the address is this clone's own, or that of one of its remotes."""
    from dsv.adapters.git.clone import configuration, remotes

    own = [repository.git.root, *remotes(configuration(repository.git)).values()]
    for each in own:
        try:
            if address_of(each, directory=repository.git.root).identity == address.identity:
                return True
        except UsageError:
            continue
    return False


def address_of(text: str, *, directory: str) -> GitAddress:
    """The address; a path that exists counts from the directory. UsageError for what is none."""
    place = os.path.join(directory, text)
    if "://" not in text and (text.startswith(("./", "../", "/", ".")) or os.path.isdir(place)):
        text = os.path.normpath(place)
    return GitAddress.parse(text)


def checked_root(root: str) -> str:
    """The path of a DVC root from git's; UsageError for one that leads out of it."""
    parts = root.split("/") if root else []
    if any(each in ("", ".", "..") for each in parts) or not root.isprintable():
        raise UsageError(f"{root!a} is no directory below git's root", hint="write it like sub/dir")
    return root
