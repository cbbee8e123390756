"""Language models of the tests: chat models of langchain_core that say what they are told to."""

from __future__ import annotations

import itertools
from typing import Any

from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage

from retriever.generate import Model, Options

ANSWER = frozenset({"answer"})


def saying(*replies: str, **options: Any) -> Model:
    """Return a model that says the replies one after the other, and the last one again and again."""
    words = itertools.chain(replies, itertools.repeat(replies[-1]))
    given = {"uses": ANSWER, **options}
    return Model(Options("fake:m", "http://127.0.0.1:9", **given), lambda: Told(messages=map(AIMessage, words)))


class Told(GenericFakeChatModel):
    """Remembers what it was asked; its stream is made of its whole replies."""

    asked: list[Any] = []  # noqa: RUF012  # pydantic makes one for each

    def _generate(self, messages: Any, *given: Any, **more: Any) -> Any:
        self.asked.append(messages)
        return super()._generate(messages, *given, **more)


def asked(model: Model) -> list[str]:
    """Return the prompts that the fake behind a model was given."""
    return ["\n".join(str(message.content) for message in messages) for messages in model._chat.asked]
