"""A language model behind a server: asked within a time limit, by few at a time, and left alone while it is down."""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from retriever.generate.breaker import Breaker
from retriever.generate.options import Options
from retriever.generate.trouble import Trouble, trouble

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

REPLY = 2_000  # tokens of a reply; the longest of our answers has 600
_LONGEST = 12_000  # characters of a reply that are read, whatever the server was told
_RETRIES = 2
_BACK_OFF = 0.5  # seconds before the first retry, doubled for each further one, and up to half as much again by chance
_WAIT = 5.0  # seconds for a place among the calls under way
_ROOM = 1_500  # tokens of a prompt beside its evidence

_log = logging.getLogger(__name__)


class Model:
    """A chat model of LangChain with what keeps a failing one from harming us. Any number of threads.

    Each call runs in a thread of its own, which is left behind when time is up: a server that sends a sign of life now
    and then keeps every client waiting, whatever its time-out. Such a thread keeps its place among the `parallel` ones.
    """

    def __init__(self, options: Options, make: Callable[[], BaseChatModel]) -> None:
        """Take what is to be known of the model, and what makes its client at the first call."""
        self.options = options
        self._make = make
        self._chat: BaseChatModel | None = None
        self._plain = False  # the server has refused a request with a schema
        self._guard = threading.Lock()
        self._places = threading.BoundedSemaphore(options.parallel)
        self._breaker = Breaker()

    @classmethod
    def named(cls, options: Options) -> Model:
        """Return the model that the options name; its packages are imported at the first call.

        Raises:
            ModelError: the provider's package is not installed.
        """
        options.installed()
        return cls(options, lambda: _client(options))

    def exchange(self) -> Exchange:
        """Return what one question has to do with the model; its time runs from now on."""
        return Exchange(self)

    def load(self) -> None:
        """Make the client now, which imports its packages (a second or two), not within the time of a question."""
        with suppress(Exception), self._guard:  # what is wrong with it, a call will say
            self._chat = self._chat or self._make()

    def pieces(self, words: Callable[[bool], str], schema: dict[str, Any] | None, until: float) -> Generator[Any]:
        """Yield the messages of a reply as they come.

        Args:
            words: the prompt, by whether the reply is to have the shape of the schema.
            schema: the JSON schema of the reply, None for plain text, which then comes in one piece.
            until: when the time is up, by `time.monotonic()`.

        Raises:
            Trouble: it came to nothing, or broke off; what was yielded until then was sent.
        """
        self._breaker.enter()
        try:
            shaped = schema is not None and not self._plain
            try:
                yield from self._tried(words(shaped), schema, shaped, until)
            except Trouble as refused:
                if not shaped or refused.kind != "protocol" or refused.detail not in ("400", "422", "schema"):
                    raise
                yield from self._tried(words(False), schema, False, until)
                self._plain = True
        except Trouble as failed:
            failed.notice = self._breaker.failed(failed) if failed.kind != "busy" else self._breaker.leave()
            raise
        except BaseException:  # nobody wants the reply any more
            self._breaker.leave()
            raise
        self._breaker.went_well()

    def _tried(self, words: str, schema: dict[str, Any] | None, shaped: bool, until: float) -> Generator[Any]:
        """Yield the pieces of the first call that goes well, or breaks off with some said."""
        for attempt in range(_RETRIES + 1):
            said = False
            try:
                for piece in self._called(words, schema, shaped, until):
                    said = True
                    yield piece
                return
            except Trouble as failed:
                wait = _BACK_OFF * 2**attempt * random.uniform(1, 1.5)  # so that callers do not come back together
                if said or not failed.again or attempt == _RETRIES or time.monotonic() + wait >= until:
                    raise
                time.sleep(wait)

    def _called(self, words: str, schema: dict[str, Any] | None, shaped: bool, until: float) -> Generator[Any]:
        if not self._places.acquire(timeout=max(0.0, min(_WAIT, until - time.monotonic()))):
            raise Trouble("busy")
        box: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        unwanted = threading.Event()

        def work() -> None:
            try:
                with closing(self._sent(words, schema, shaped)) as came:
                    for piece in came:
                        if unwanted.is_set():
                            return
                        box.put(("piece", piece))
                box.put(("end", None))
            except BaseException as error:  # handed over to whoever waits
                box.put(("error", error))
            finally:
                self._places.release()

        threading.Thread(target=work, name="duban-model", daemon=True).start()
        try:
            while True:
                try:
                    kind, value = box.get(timeout=max(0.0, until - time.monotonic()))
                except queue.Empty:
                    raise Trouble("timeout") from None
                if kind == "end":
                    return
                if kind == "error":
                    raise trouble(value) from value
                yield value
        finally:
            unwanted.set()

    def _sent(self, words: str, schema: dict[str, Any] | None, shaped: bool) -> Generator[Any]:
        from langsmith.run_helpers import tracing_context

        with tracing_context(enabled=False):  # a variable of the environment must not send documents elsewhere
            asked = self._asked(schema if shaped else None)
            messages = _messages(words)
            if schema is None:
                yield asked.invoke(messages)
                return
            said = False
            with suppress(_NothingCame):
                for piece in _streamed(asked, messages):
                    said = True
                    yield piece
            if not said:  # the server does not stream
                yield asked.invoke(messages)

    def _asked(self, schema: dict[str, Any] | None) -> Any:
        """Return what is to be called: the chat model, made to reply in the shape of the schema where there is one.

        What `with_structured_output` puts before its parser: the reply is read while it comes, claim by claim.
        """
        with self._guard:
            if self._chat is None:
                self._chat = self._make()
        if schema is None:
            return self._chat
        how = _METHODS.get(self.options.provider)
        given: dict[str, Any] = {"method": how} if how else {}
        try:
            shaped: Any = self._chat.with_structured_output(schema, **given)
        except NotImplementedError as error:
            raise Trouble("protocol", "schema") from error
        return shaped.first


_METHODS = {"openai": "function_calling", "ollama": "json_schema"}  # what most of their servers and models can do


class Exchange:
    """What one question has to do with a model: the time it has, and what it took.

    `sent` and `received` are tokens as the server counts them, None where it does not tell.
    """

    def __init__(self, model: Model) -> None:
        """Begin; what the client is made of is loaded before the time runs."""
        model.load()
        self.options = model.options
        self._model = model
        self._began = time.monotonic()
        self._until = self._began + model.options.seconds
        self.calls = 0
        self.sent: int | None = None
        self.received: int | None = None

    @property
    def seconds(self) -> float:
        """Return how long it has been going on."""
        return time.monotonic() - self._began

    def stream(self, words: Callable[[bool], str], schema: dict[str, Any]) -> Generator[str]:
        """Yield the words of a reply as they come: JSON in the shape of the schema, or plain lines.

        Raises:
            Trouble: as of `Model.pieces`; also where the reply is too long.
        """
        self.calls += 1
        read = 0
        if self.options.log:
            _log.info("asked: %s", words(True))
        with closing(self._model.pieces(words, schema, self._until)) as came:
            for piece in came:
                self._count(piece)
                said = _words(piece)
                read += len(said)
                if self.options.log and said:
                    _log.info("came: %s", said)
                if said:
                    yield said
                if read > _LONGEST:
                    raise Trouble("protocol", "回复过长")

    def whole(self, words: str) -> str:
        """Return a reply in plain words, at most as many as are read.

        Raises:
            Trouble: as of `Model.pieces`.
        """
        self.calls += 1
        said = ""
        for piece in self._model.pieces(lambda _: words, None, self._until):
            self._count(piece)
            said += _words(piece)
        if self.options.log:
            _log.info("asked: %s\ncame: %s", words, said)
        return said[:_LONGEST]

    def _count(self, piece: Any) -> None:
        used = getattr(piece, "usage_metadata", None)
        if used:
            self.sent = (self.sent or 0) + used["input_tokens"]
            self.received = (self.received or 0) + used["output_tokens"]


class _NothingCame(Exception):
    """The stream of a client ended before it began."""


def _streamed(asked: Any, messages: list[BaseMessage]) -> Generator[Any]:
    said = False
    try:
        for piece in asked.stream(messages):
            said = True
            yield piece
    except ValueError as error:  # what LangChain raises for a stream of nothing
        if said or type(error) is not ValueError:
            raise
        raise _NothingCame from error


def _words(piece: Any) -> str:
    """Return what a message or a piece of one says: the arguments of its tool call, else its text."""
    import json

    calls = getattr(piece, "tool_call_chunks", None) or ()
    said = "".join(call["args"] or "" for call in calls)
    if not said and not calls:
        said = "".join(json.dumps(call["args"], ensure_ascii=False) for call in getattr(piece, "tool_calls", ()))
        said = said or "".join(call["args"] or "" for call in getattr(piece, "invalid_tool_calls", ()))
    return said or str(piece.text)


_PARTS = "\n----\n"  # what stands before it in a prompt are the rules, what stands behind it are the data


def _messages(words: str) -> list[BaseMessage]:
    from langchain_core.messages import HumanMessage, SystemMessage

    rules, _, data = words.partition(_PARTS)
    return [SystemMessage(rules), HumanMessage(data)]


_ONCE = {
    "Connection": "close"
}  # a connection a call: none lies open when a store is closed, and seconds pass in between


def _client(options: Options) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    given: dict[str, Any] = {"base_url": options.address, "temperature": 0}
    if options.provider == "ollama":
        headers = {**_ONCE, **({"Authorization": f"Bearer {options.key}"} if options.key else {})}
        given |= {
            "num_predict": REPLY,
            "num_ctx": options.tokens + _ROOM + REPLY,
        }  # it cuts what does not fit, silently
        given |= {"client_kwargs": {"timeout": options.seconds, "headers": headers}}
    else:
        # A server that wants no key gets none of another server's, which the client would take from the environment.
        given |= {"api_key": options.key or "-", "timeout": options.seconds, "max_retries": 0, "max_tokens": REPLY}
    if options.provider == "openai":
        given |= {"stream_usage": True, "use_responses_api": False, "default_headers": _ONCE}
    made: BaseChatModel = init_chat_model(options.model, model_provider=options.provider, **given)
    return made
