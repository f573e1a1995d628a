"""Tokenizers of Hugging Face, from a local file: how many tokens a model makes of a text."""

from __future__ import annotations

import hashlib

from dsv.errors import BadManifestError, NoPathError, UnsupportedError
from dsv.records.text import TokenCounter


def load_counter(path: str, *, shown: str) -> TokenCounter:
    """The counter of a `tokenizer.json`, named by its path and digest; nothing is fetched from anywhere.

    Special tokens that a model puts around a text are not counted. Errors: NoPathError without the file,
    BadManifestError when it is no tokenizer, UnsupportedError without the package.
    """
    try:
        with open(path, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise NoPathError(
            f"the tokenizer {shown} cannot be read: {error.strerror}", hint="its path counts from the repository's root"
        ) from error
    try:
        import tokenizers
    except ImportError:
        raise UnsupportedError(
            f"counting with the tokenizer {shown} needs the package tokenizers", hint="pip install 'dsv[tokens]'"
        ) from None
    try:
        tokenizer = tokenizers.Tokenizer.from_buffer(content)
    except Exception as error:
        reason = " ".join(str(error).split())[:100]
        raise BadManifestError(f"{shown} is no tokenizer file: {reason}", hint="it wants a tokenizer.json") from error

    def count(text: str) -> int:
        try:
            return len(tokenizer.encode(text, add_special_tokens=False).ids)
        except TypeError:  # a lone surrogate, which no model is given either
            return len(tokenizer.encode(text.encode("utf-8", "replace").decode(), add_special_tokens=False).ids)

    return TokenCounter(f"{shown} sha256:{hashlib.sha256(content).hexdigest()[:16]}", count)
