"""Keys in files that git keeps: refused before they are published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.errors import CredentialsError

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def refuse_exposed_keys(repository: Repository) -> None:
    """Nothing, where DVC's settings that git keeps, in HEAD or in the index, hold no key.

    CredentialsError names the file, the remote and the option, and never what it says.
    """
    git, layout = repository.git, repository.layout
    for file in (dvc.CONFIG, dvc.LOCAL_CONFIG):
        path = layout.in_git(file)
        kept = git.blobs([f"HEAD:{path}"] if git.head() else []) | git.blobs([f":{path}"])
        for text in dict.fromkeys(kept.values()):
            for each in dvc.exposed_settings(text.decode(errors="replace")):
                raise CredentialsError(
                    f"{file} holds {each.key} of {each.section}, and git keeps that file",
                    hint=f"{each.removal}; and change the key where it was pushed already: git's history has it",
                    details={"file": file, "remote": each.name, "option": each.key},
                )
