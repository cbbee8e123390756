"""A server that speaks the OpenAI protocol and says what it is told to: on loopback, a process of its own.

Each request takes the next reply of the script; the last one is said again and again. A reply is a dictionary:

    claims     sentences with their evidence: a tool call where the request has tools, lines in text otherwise
    content    plain text; args: the arguments of a tool call as they are, valid or not
    faithful   the gold quotes of questions: claims are made from the evidence in the prompt (`tests.replies`)
    status, body, headers   an error, or anything else, instead of a reply
    hang       seconds of silence; ping: seconds of signs of life without a word
    drop       characters after which the connection ends; times: how often the content is said in one reply
    unstreamed the reply comes in one piece although a stream was asked for; no_tools: 400 where the request has tools
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from tests.replies import faithful_claims, lines_of

ROOT = Path(__file__).resolve().parent.parent


class ModelServer:
    """The server as a process, from the side of a test."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.model_server"], cwd=ROOT, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )  # fmt: skip
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def says(self, *replies: dict[str, Any]) -> ModelServer:
        """Set the script and forget what was asked."""
        self._control("/script", json.dumps(replies).encode())
        return self

    def seen(self) -> list[dict[str, Any]]:
        """Return the requests since the script was set: `path`, `key`, `body`."""
        return list(json.loads(self._control("/seen")))

    def _control(self, path: str, data: bytes | None = None) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data, timeout=30) as came:
            return bytes(came.read())

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class _Script:
    replies: ClassVar[list[dict[str, Any]]] = []
    seen: ClassVar[list[dict[str, Any]]] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._send(200, json.dumps(_Script.seen).encode())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"null")
        if self.path == "/script":
            _Script.replies, _Script.seen = body, []
            self._send(200, b"{}")
            return
        _Script.seen.append({"path": self.path, "key": self.headers.get("authorization"), "body": body})
        reply = _Script.replies.pop(0) if len(_Script.replies) > 1 else _Script.replies[0]
        with suppress(BrokenPipeError, ConnectionResetError):
            self._reply(reply, body)

    def _reply(self, reply: dict[str, Any], body: dict[str, Any]) -> None:
        time.sleep(reply.get("hang", 0))
        if reply.get("no_tools") and body.get("tools"):
            self._send(400, json.dumps({"error": {"message": "tools are not supported"}}).encode())
            return
        if "status" in reply:
            self._send(
                reply["status"], str(reply.get("body", '{"error": {"message": "no"}}')).encode(), reply.get("headers")
            )
            return
        text, args = _said(reply, body)
        usage = {"prompt_tokens": len(json.dumps(body)) // 4, "completion_tokens": len(text or args) // 2}
        usage["total_tokens"] = sum(usage.values())
        if body.get("stream") and not reply.get("unstreamed"):
            self._stream(reply, text, args, usage if (body.get("stream_options") or {}).get("include_usage") else None)
            return
        message: dict[str, Any] = {"role": "assistant", "content": text or None}
        if args:
            message["tool_calls"] = [
                {"id": "c1", "type": "function", "function": {"name": "answer", "arguments": args}}
            ]
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if args else "stop"}
        whole = {
            "id": "x",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
        self._send(200, json.dumps(whole).encode())

    def _stream(self, reply: dict[str, Any], text: str, args: str, usage: dict[str, int] | None) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        until = time.monotonic() + reply.get("ping", 0)
        while time.monotonic() < until:
            self._event(b": still here\n\n")
            time.sleep(0.1)
        said = 0
        for _ in range(reply.get("times", 1)):
            for at in range(0, len(args or text), 7):
                piece = (args or text)[at : at + 7]
                if said + len(piece) > reply.get("drop", sys.maxsize):
                    self.connection.shutdown(2)
                    return
                call = {"index": 0, "type": "function", "function": {"arguments": piece}}
                if not said:
                    call |= {"id": "c1", "function": {"name": "answer", "arguments": piece}}
                self._chunk({"tool_calls": [call]} if args else {"content": piece})
                said += len(piece)
        self._chunk({}, "stop")
        if usage:
            self._event(b"data: " + json.dumps({**_HEAD, "choices": [], "usage": usage}).encode() + b"\n\n")
        self._event(b"data: [DONE]\n\n")

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> None:
        choice = {"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": finish}
        self._event(b"data: " + json.dumps({**_HEAD, "choices": [choice]}).encode() + b"\n\n")

    def _event(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def _send(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {
            "content-type": "application/json",
            "content-length": str(len(data)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


_HEAD = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def _said(reply: dict[str, Any], body: dict[str, Any]) -> tuple[str, str]:
    """Return the text and the arguments of a tool call, one of them empty."""
    prompt = "\n".join(str(message["content"]) for message in body["messages"])
    claims = reply.get("claims")
    if "faithful" in reply:
        claims = faithful_claims(prompt, reply["faithful"])
    if claims is None:
        return reply.get("content", ""), reply.get("args", "")
    if body.get("tools"):
        return "", json.dumps({"claims": claims}, ensure_ascii=False)
    return lines_of(claims), ""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
