"""500 correct claims, 500 mutants and 500 swaps, made from the documents of the suites (CHECK_COUNT, CHECK_SEED)."""

import os
import random
import sys
from collections import Counter

import pytest

from tests.claims import CORRECT, MUTANTS, SWAPS, failing, quotes, samples

COUNT = int(os.environ.get("CHECK_COUNT", "500"))
SEED = os.environ.get("CHECK_SEED", "1")


@pytest.fixture(scope="module")
def sentences(demo, request):
    """The sentences and rows of the demo documents, and of the real ones where they are on this machine."""
    from tests.conftest import SEEDS

    stores = [demo, *([request.getfixturevalue("real")] if SEEDS.is_dir() else [])]
    return quotes([store.document(row.doc) for store in stores for row in store.documents()])


def made(makers, sentences):
    found = samples(makers, sentences, COUNT, random.Random(SEED))
    kinds = Counter(sample.made for sample in found)

    assert len(found) == COUNT
    assert set(kinds) == {maker.__name__ for maker in makers}, kinds
    return found


def told(found):
    return "\n".join(map(str, found))


def test_correct_claims_pass(sentences):
    found = made(CORRECT, sentences)

    refused = list(failing(found, passes=False))
    assert len(refused) <= 0.01 * COUNT, told(refused)


def test_a_value_that_is_not_in_the_span_never_passes(sentences):
    found = made(MUTANTS, sentences)

    passed = list(failing(found, passes=True))

    assert not passed, told(passed)


def test_two_values_in_the_place_of_each_other_do_not_pass(sentences):
    found = made(SWAPS, sentences)

    passed = list(failing(found, passes=True))

    sys.stdout.write(f"{len(passed)} of {COUNT} swaps pass:\n{told(passed)}\n")
    assert len(passed) <= 0.01 * COUNT, told(passed)
