"""What the Python twin does so that released versions can be relied on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dsv.model.finding import Findings
    from dsv.operations.check import Checked
    from dsv.operations.comment import Commented
    from dsv.operations.review import Reviewed
    from dsv.operations.tag import Tagged
    from dsv.operations.verify import Verified
    from dsv.repository import Repository


@dataclass(frozen=True)
class Trust:
    """Tags, checks and verification; the methods are those of `dsv.api.Repo`."""

    repository: Repository

    def tag(self, *references: str, missing: bool = False) -> Tagged:
        """Release tags on HEAD for the named versions, or for all that lack one."""
        from dsv.model.reference import parse_reference
        from dsv.operations.tag import tag

        return tag(self.repository, *(parse_reference(each) for each in references), missing=missing)

    def check(
        self,
        *names: str,
        base: str | None = None,
        staged: bool = False,
        data: bool = False,
        remote: str | bool = False,
        no_content: bool = False,
    ) -> Checked:
        """What is wrong with what git holds, or with what the next commit changes; `.ok` when nothing is.

        With `data` the data is read and held against its digests, its manifest and its rules; with `remote`, a name or
        True for the default one, it is looked for there. With `no_content` nothing of the data is told.
        """
        from dsv.operations.check import Look, Reading, check

        found = check(
            self.repository,
            *names,
            base=base,
            look=Look.STAGED if staged else Look.WORK_TREE,
            reading=Reading.DATA if data else Reading.TEXTS,
            remote=remote if isinstance(remote, str) else "" if remote else None,
        )
        return found.without_content() if no_content else found

    def review(self, *names: str, base: str, no_content: bool = False, findings: Findings | None = None) -> Reviewed:
        """What the commits since the base do to the datasets; `.markdown()` and `.html()` are reports of it.

        `findings` are those of `check` where it was asked more than usual; without, it is asked. With `no_content`
        nothing of the data is in it.
        """
        from dsv.exports.review import Content
        from dsv.operations.review import review

        found = self.check(*names, base=base) if findings is None else findings
        content = Content.WITHHELD if no_content else Content.SHOWN
        return review(self.repository, *names, base=base, findings=found, content=content)

    def comment(self, text: str, *, number: int | None = None) -> Commented:
        """Put a report on the pull request that CI runs for, in place of the one of the run before."""
        from dsv.operations.comment import comment

        return comment(text, environment=os.environ, number=number)

    def verify(
        self,
        *references: str,
        all: bool = False,  # noqa: A002 - the option's name
        deep: bool = False,
        remote: str | bool = False,
        local: bool = True,
        repair: bool = False,
        signatures: bool = False,
    ) -> Verified:
        """Whether the named versions are what was released, else the latest of every dataset; `.ok` if so.

        With `all` every known version. With `deep` every byte is read. With `remote`, a name or True for the
        default one, that remote is looked at too, and without `local` it alone. With `repair` good bytes are put where
        bad ones are, which are kept aside; what is still wrong then is told. With `signatures` each needs one that git
        believes.
        """
        from dsv.model.reference import parse_reference
        from dsv.operations.verify import Signatures, verify
        from dsv.operations.verify import repair as mend
        from dsv.repository.transfer.chosen_versions import Extent
        from dsv.repository.verification.verification import Depth, Local

        looked_at = Local.LOOKED_AT if local or repair else Local.LEFT_OUT
        return (mend if repair else partial(verify, local=looked_at))(
            self.repository,
            *(parse_reference(each) for each in references),
            extent=Extent.ALL if all else Extent.LATEST,
            depth=Depth.BYTES if deep else Depth.LISTS,
            remote=remote if isinstance(remote, str) else "" if remote else None,
            signatures=Signatures.NEEDED if signatures else Signatures.LEFT_OUT,
        )
