"""400 replies against the rules, ten kinds of them, made from the demo suite's gold answers, each beside a faithful one.

No unsupported sentence reaches the answer; nearly all faithful ones do.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path

import pytest

from eval.case import Case, read_cases
from retriever import Answer, Retriever
from retriever.found import Found
from retriever.generate.sheet import sheet
from retriever.generate.use import improved
from retriever.generate.writer import _REPORTS
from tests.fake_model import saying
from tests.replies import KINDS, Claims, evidence, faithful_claims, gold_of, lines_of

DEMO = Path(__file__).resolve().parent.parent / "eval" / "suites" / "demo" / "cases.jsonl"
DAY = dt.date(2025, 1, 1)
EACH = 40


@dataclass(frozen=True)
class Tried:
    case: Case
    found: Found
    prompt: str
    good: Claims


@pytest.fixture(scope="module")
def tried(demo: Retriever) -> list[Tried]:
    """The answered cases, with what a model is sent and a faithful reply to it."""
    found = []
    for case in read_cases(DEMO):
        given = demo._found(case.question, case.as_of or DAY, case.history, None, None, 0.0)
        if not case.answerable or given.answer.abstained or given.answer.tasks or given.asked is None:
            continue
        held = sheet(given.answer, given.ranked, demo.ledger(), 3_000)
        prompt = f"<问题>\n{case.question}\n</问题>\n{held.words}"
        found.append(Tried(case, given, prompt, faithful_claims(prompt, gold_of([case]), varied=True)))
    return found


def replies(tried: list[Tried], kind: str, count: int) -> list[tuple[Tried, Claims]]:
    made = []
    for item in tried:
        bad = KINDS[kind](item.good, evidence(item.prompt), random.Random(f"{kind} {item.case.id}"))
        if bad is not None:
            made.append((item, bad))
    chosen = random.Random(kind).sample(made, count)
    assert len(chosen) == count
    return chosen


def answer(demo: Retriever, item: Tried, claims: Claims) -> Answer:
    def anew(_: str) -> Found:
        raise AssertionError("no follow-up is completed here")

    *_, last = improved(saying(lines_of(claims)), item.found, item.case.question, (), anew, demo.ledger())
    return last


def faithful_share(demo: Retriever, tried: list[Tried], kind: str, count: int) -> float:
    reached = []
    for item, bad in replies(tried, kind, count):
        plain = item.found.answer
        alone, both = (answer(demo, item, claims) for claims in (bad, [*bad, *item.good]))
        assert (alone.text, alone.citations) == (plain.text, plain.citations), (bad, alone.text)
        assert alone.model and alone.model["outcome"] == "extractive" and alone.model["reason"]
        shown = {_REPORTS.sub("", claim["text"]) for claim in item.good}
        mine = {claim.text for claim in both.claims} - {claim.text for claim in plain.claims}
        assert mine <= shown, (bad, mine)
        reached += [text in {claim.text for claim in both.claims} for text in shown]
    return sum(reached) / len(reached)


@pytest.mark.parametrize("kind", KINDS)
def test_no_reply_against_the_rules_reaches_the_answer(demo: Retriever, tried: list[Tried], kind: str) -> None:
    assert faithful_share(demo, tried, kind, 3) >= 0.5


@pytest.mark.slow
def test_of_400_replies_none_against_the_rules_reaches_the_answer_and_95_percent_of_the_faithful_do(
    demo: Retriever, tried: list[Tried]
) -> None:
    shares = {kind: faithful_share(demo, tried, kind, EACH) for kind in KINDS}

    assert len(shares) * EACH == 400
    assert sum(shares.values()) / len(shares) >= 0.95, shares
