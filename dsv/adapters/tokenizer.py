"""Tokenizers of Hugging Face, from a local file: how many tokens a model makes of a text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from dsv.errors import BadManifestError, NoPathError, UnsupportedError, UnsupportedFileError
from dsv.records.text import TokenCounter


def load_counter(path: str, *, shown: str) -> TokenCounter:
    """The counter of a `tokenizer.json`, named by its path and digest; nothing is fetched from anywhere.

    Special tokens that a model puts around a text are not counted. It travels to other processes as its path.
    Errors: NoPathError without the file, BadManifestError when it is none, UnsupportedError without the package.
    """
    content = _content(path, shown=shown)
    counting = _Counting(path, shown, hashlib.sha256(content).hexdigest())
    _loaded[counting.digest] = _parsed(content, shown=shown)
    return TokenCounter(f"{shown} sha256:{counting.digest[:16]}", counting)


@dataclass(frozen=True)
class _Counting:
    """Counts tokens by a file of this digest, which every process loads once."""

    path: str
    shown: str
    digest: str

    def __call__(self, text: str) -> int:
        tokenizer = _loaded.get(self.digest) or self._load()
        try:
            return len(tokenizer.encode(text, add_special_tokens=False).ids)
        except TypeError:  # a lone surrogate, which no model is given either
            return len(tokenizer.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False).ids)

    def _load(self) -> Any:
        """The tokenizer; UnsupportedFileError where its file is no longer the one that was named."""
        content = _content(self.path, shown=self.shown)
        if hashlib.sha256(content).hexdigest() != self.digest:
            raise UnsupportedFileError(
                f"the tokenizer {self.shown} changes while it is used", hint="run the command again"
            )
        return _loaded.setdefault(self.digest, _parsed(content, shown=self.shown))


_loaded: dict[str, Any] = {}


def _content(path: str, *, shown: str) -> bytes:
    try:
        with open(path, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise NoPathError(
            f"the tokenizer {shown} cannot be read: {error.strerror}", hint="its path counts from the repository's root"
        ) from error


def _parsed(content: bytes, *, shown: str) -> Any:
    try:
        import tokenizers
    except ImportError:
        raise UnsupportedError(
            f"counting with the tokenizer {shown} needs the package tokenizers", hint="pip install 'dsv[tokens]'"
        ) from None
    try:
        return tokenizers.Tokenizer.from_buffer(content)
    except Exception as error:
        reason = " ".join(str(error).split())[:100]
        raise BadManifestError(f"{shown} is no tokenizer file: {reason}", hint="it wants a tokenizer.json") from error
