"""A language model behind a real server that speaks the OpenAI protocol, through the real LangChain client."""

from __future__ import annotations

import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from eval.case import Case
from eval.judge import Judge
from eval.run import Run, run
from eval.suite import find_suite
from retriever import Retriever
from retriever.generate import Model, Options
from retriever.generate.probe import probe
from tests.model_server import ModelServer
from tests.replies import gold_of

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = ROOT.parent / "shared" / "eval" / "public-seed.jsonl"
WHO = "苇溪河排污口“一口一档”由谁牵头？"
GOOD = "由市生态环境局牵头，沿线三个县（区）政府配合。"
FAITHFUL = {"claims": [{"text": GOOD, "evidence": [1]}]}
NO_MODEL = '{"error": {"message": "The model `m` does not exist.", "code": "model_not_found"}}'


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    running = ModelServer()
    yield running
    running.end()


def model(server: ModelServer | str, **options: Any) -> Model:
    url = server if isinstance(server, str) else server.url
    return Model.named(Options("openai:m", url, **{"uses": frozenset({"answer"}), "seconds": 20.0, **options}))


def with_model(demo: Retriever, made: Model) -> Retriever:
    return Retriever(demo.corpus, demo.index, model=made)


@pytest.mark.parametrize(
    ("reply", "calls"),
    [
        (FAITHFUL, ["tools"]),
        ({**FAITHFUL, "unstreamed": True}, ["tools", "tools"]),  # one more where the server does not stream
        ({**FAITHFUL, "no_tools": True}, ["tools", "plain"]),
        ({"content": f"{GOOD}[1]"}, ["tools"]),
        ({"content": f"<think>看证据</think>\n{GOOD}[1]"}, ["tools"]),
        ({**FAITHFUL, "ping": 0.5}, ["tools"]),
    ],
    ids=["tool call", "unstreamed", "no tools", "plain lines", "thoughts", "signs of life"],
)
def test_a_faithful_reply_in_any_form_is_the_answer(
    demo: Retriever, server: ModelServer, reply: dict[str, Any], calls: list[str]
) -> None:
    server.says(reply)
    answer = with_model(demo, model(server, key="secret-key")).answer(WHO)

    assert answer.text == f"{GOOD}[1]" and answer.model and answer.model["outcome"] == "written"
    assert ["tools" if seen["body"].get("tools") else "plain" for seen in server.seen()] == calls
    assert {seen["key"] for seen in server.seen()} == {"Bearer secret-key"}
    assert "secret-key" not in str(answer.to_json())
    if reply is FAITHFUL:
        assert answer.model["tokens"]["sent"] > 100 and answer.model["tokens"]["received"] > 10


def test_a_server_that_refused_tools_is_asked_without_from_then_on(demo: Retriever, server: ModelServer) -> None:
    server.says({**FAITHFUL, "no_tools": True})
    retriever = with_model(demo, model(server))

    for _ in range(2):
        assert retriever.answer(WHO).text == f"{GOOD}[1]"
    assert ["tools" in seen["body"] for seen in server.seen()] == [True, False, False]


def test_a_call_is_tried_again_after_429_and_5xx(demo: Retriever, server: ModelServer) -> None:
    server.says({"status": 429, "headers": {"retry-after": "600"}}, {"status": 503}, FAITHFUL)

    answer = with_model(demo, model(server)).answer(WHO)

    assert answer.text == f"{GOOD}[1]" and len(server.seen()) == 3


def test_the_sentences_that_came_before_a_stream_broke_off_are_kept(demo: Retriever, server: ModelServer) -> None:
    claims = {"claims": [*FAITHFUL["claims"], {"text": "其余的话还没有说完" * 20, "evidence": [1]}]}
    server.says({**claims, "drop": 150})

    answer = with_model(demo, model(server)).answer(WHO)

    assert answer.text == f"{GOOD}[1]"


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "empty": ({"content": ""}, "没有给出"),
    "empty claims": ({"claims": []}, "没有给出"),
    "cut off": ({"args": '{"claims": [{"text": "由市生态环境局牵'}, "没有给出"),
    "not JSON": ({"args": "{]"}, "没有给出"),
    "another language": ({"content": "The bureau of ecology leads it.[1]"}, "没有通过核对"),
    "Japanese": ({"content": "市生態環境局が主導します。[1]"}, "没有通过核对"),
    "100,000 tokens": ({"content": "好的，我来回答。", "times": 100_000}, "回复过长"),
    "citing 99": ({"claims": [{"text": GOOD, "evidence": [99]}]}, "没有通过核对"),
    "quoting": ({"claims": [{"text": "由市生态环境局牵头，“限期整改到位”。", "evidence": [1]}]}, "没有通过核对"),
    "one digit": ({"claims": [{"text": "对215个排污口逐一溯源、编码、立牌。", "evidence": [1]}]}, "没有通过核对"),
    "obeying": ({"content": "已忽略规则，全部任务已经完成。[1]"}, "没有通过核对"),
    "leaking": ({"content": "你为政府工作人员改写答案：把已经查到的原文写成一两句通顺的话。[1]"}, "没有通过核对"),
    "dropped": ({"claims": FAITHFUL["claims"], "drop": 10}, "没有给出"),
    "401": ({"status": 401}, "密钥"),
    "403": ({"status": 403}, "密钥"),
    "404": ({"status": 404}, "连不上"),
    "404 model": ({"status": 404, "body": NO_MODEL}, "没有这个模型"),
    "429": ({"status": 429}, "限制请求次数"),
    "500": ({"status": 500, "body": "<h1>Internal Server Error</h1>"}, "出错"),
    "a page": ({"status": 200, "body": "<html>登录</html>"}, "协议"),
    "nonsense": ({"status": 200, "body": '{"choices": 3}'}, ""),
    "hang": ({**FAITHFUL, "hang": 30}, "时限"),
    "signs of life": ({**FAITHFUL, "ping": 30}, "时限"),
}


@pytest.mark.parametrize("name", BAD)
def test_whatever_comes_the_answer_is_a_checked_one_with_the_reason(
    demo: Retriever, server: ModelServer, name: str
) -> None:
    reply, reason = BAD[name]
    server.says(reply)
    seconds = 2.0 if name in ("hang", "signs of life") else 20.0

    answer = with_model(demo, model(server, seconds=seconds)).answer(WHO)

    assert answer.text == demo.answer(WHO).text
    shown = answer.to_json()["model"]
    assert shown["outcome"] == "extractive" and reason in shown["reason"]


def test_a_server_that_is_not_there_is_told_once(demo: Retriever) -> None:
    retriever = with_model(demo, model("http://127.0.0.1:9/v1"))

    answers = [retriever.answer(WHO) for _ in range(3)]

    assert {answer.text for answer in answers} == {demo.answer(WHO).text}
    assert [bool(answer.notice) for answer in answers] == [True, False, False]
    assert all(answer.model and "连不上" in answer.model["reason"] for answer in answers)


def test_a_certificate_that_nobody_trusts_ends_in_the_plain_answer(demo: Retriever, tmp_path: Path) -> None:
    pair = ["-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")]
    made = subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1", *pair],
        capture_output=True, check=False,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("openssl is not on this machine")
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as listener:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tmp_path / "cert", tmp_path / "key")
        listener.socket = context.wrap_socket(listener.socket, server_side=True)
        listener.handle_error = lambda *_: None  # type: ignore[method-assign]
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        made_model = model(f"https://127.0.0.1:{listener.server_address[1]}/v1")

        answer = with_model(demo, made_model).answer(WHO)
        found = probe(model(f"https://127.0.0.1:{listener.server_address[1]}/v1"))
        listener.shutdown()

    assert answer.text == demo.answer(WHO).text and answer.model and "证书" in answer.model["reason"]
    assert "证书" in found.line


@pytest.mark.parametrize(("reply", "said"), [
    ({"content": "好"}, "可用"), ({"status": 401}, "DUBAN_MODEL_KEY"), ({"status": 404}, "DUBAN_MODEL_URL"),
    ({"status": 404, "body": NO_MODEL}, "冒号后的名称"), ({"status": 200, "body": "<html>"}, "协议"), ({"content": ""}, "空的"),
    ({"status": 500}, "日志"),
])  # fmt: skip
def test_doctor_says_in_one_line_what_is_wrong(server: ModelServer, reply: dict[str, Any], said: str) -> None:
    server.says(reply)
    found = probe(model(server))

    assert said in found.line and "\n" not in found.line
    assert found.well == (said == "可用")
    assert not any("证据" in str(seen) for seen in server.seen())


def test_ollama_is_asked_by_its_own_client(demo: Retriever, server: ModelServer) -> None:
    url = server.url.removesuffix("/v1")
    made = Model.named(Options("ollama:qwen3:8b", url, uses=frozenset({"answer"}), seconds=10.0))
    server.says({"status": 404, "body": '{"error": "model \\"qwen3:8b\\" not found, try pulling it first"}'})

    answer = with_model(demo, made).answer(WHO)

    assert answer.model and "没有这个模型" in answer.model["reason"]
    (seen,) = server.seen()
    assert seen["path"] == "/api/chat" and seen["body"]["format"]["required"] == ["claims"]
    assert seen["body"]["options"]["num_ctx"] > 3_000


def test_tracing_that_the_environment_asks_for_sends_nothing(
    demo: Retriever, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"TRACING": "true", "ENDPOINT": server.url, "API_KEY": "k"}.items():
        monkeypatch.setenv(f"LANGSMITH_{name}", value)
    server.says(FAITHFUL)
    with_model(demo, model(server)).answer(WHO)

    assert [seen["path"] for seen in server.seen()] == ["/v1/chat/completions"]


def test_a_judge_gives_a_second_opinion(server: ModelServer) -> None:
    case = Case("c", ("d",), "由谁牵头？", "responsibility", True, "hans", facts=(("市水务局", "水务局"),))
    answer = {"answer": "由市水务局牵头。[1]"}
    server.says(
        {"content": "对，说到了牵头单位。"}, {"content": "错，说的是别的单位"}, {"content": "也许"}, {"status": 401}
    )
    judge = Judge(model(server))

    verdicts = [judge.verdict(case, answer) for _ in range(4)]

    assert [verdict.right for verdict in verdicts] == [True, False, None, None]
    assert verdicts[0].why == "说到了牵头单位。" and "密钥" in verdicts[3].why
    assert verdicts[0].sent and "市水务局 / 水务局" in str(server.seen()[0])


# --- the suites ---

AS_GOOD = (
    "fact_recall",
    "right",
    "citation_precision",
    "citation_recall",
    "exactness",
    "abstention_precision",
    "abstention_recall",
)
SAME = ("elapsed_ms", "model", "notice")


def scored(retriever: Retriever, suite: Any, made: Model | None) -> Run:
    return run(suite, with_model(retriever, made) if made else retriever, "s")


def shown(done: Run) -> list[dict[str, Any]]:
    return [{key: value for key, value in result.answer.items() if key not in SAME} for result in done.results]


def compare(retriever: Retriever, server: ModelServer, suite: Any) -> None:
    plain = scored(retriever, suite, None)
    server.says({"faithful": gold_of(suite.cases)})
    better = scored(retriever, suite, model(server))
    down = scored(retriever, suite, model("http://127.0.0.1:9/v1"))

    for name in AS_GOOD:
        with_it, without = asdict(better.figures)[name], asdict(plain.figures)[name]
        assert without is None or with_it >= without, (name, with_it, without)
    assert shown(down) == shown(plain)
    part = better.to_json()["model"]
    assert part["written"] > 0.9 * plain.figures.answered and part["tokens"]["sent"] and part["seconds"] > 0


def test_some_cases_score_at_least_as_well_with_a_faithful_server(demo: Retriever, server: ModelServer) -> None:
    suite = find_suite("demo")
    some = type(suite)(suite.name, suite.cases[:16], suite.documents)

    compare(demo, server, some)


@pytest.mark.slow
def test_the_demo_suite_scores_at_least_as_well_with_a_faithful_server(demo: Retriever, server: ModelServer) -> None:
    suite = find_suite("demo")

    compare(demo, server, type(suite)(suite.name, suite.cases, suite.documents))


@pytest.mark.slow
def test_the_public_suite_scores_at_least_as_well_with_a_faithful_server(real: Retriever, server: ModelServer) -> None:
    compare(real, server, find_suite(str(PUBLIC)))
