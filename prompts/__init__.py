"""The words said to a language model, as text files with named fields."""

from __future__ import annotations

import functools
import hashlib
from importlib.resources import files
from string import Template

__all__ = ["PromptError", "render", "version"]


class PromptError(ValueError):
    """You meet this when a prompt that does not exist is named, or its fields are not the ones that were given."""


def render(name: str, **fields: str) -> str:
    """Return the prompt of the file `name`.txt with its `$fields` filled in; what stands in a value is not looked at.

    Raises:
        PromptError: there is no such prompt, or a field is missing or not in it; each is named.
    """
    template = Template(_text(name))
    wanted = set(template.get_identifiers())
    missing, extra = sorted(wanted - set(fields)), sorted(set(fields) - wanted)
    if missing or extra:
        wrong = [f"missing {', '.join(missing)}"] * bool(missing) + [f"not in it: {', '.join(extra)}"] * bool(extra)
        raise PromptError(f"prompt {name!r}: {'; '.join(wrong)}")
    return template.substitute(fields)


def version(name: str) -> str:
    """Return a prompt's name with what its words are known by: eight digits of their SHA-256."""
    return f"{name}-{hashlib.sha256(_text(name).encode()).hexdigest()[:8]}"


@functools.cache
def _text(name: str) -> str:
    try:
        return (files("prompts") / f"{name}.txt").read_text(encoding="utf-8")
    except OSError as error:
        raise PromptError(f"prompt {name!r}: there is no file {name}.txt") from error
