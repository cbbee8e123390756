"""Train the static embedding model that Duban ships; the README beside it names the public files and the command."""

from __future__ import annotations

import argparse
import json
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retriever.model.train.first import Matrix, first_vectors
from retriever.model.train.pairs import ASKING, Pairs, encode, lines
from retriever.model.train.source import Question, Source, paragraphs_of, read_all, read_questions
from retriever.model.train.tokenizer import character_table, make_tokenizer, tokenizer_words
from retriever.words import Ids, Words

log = logging.getLogger(__name__)

DIM = 256
WORDS = 48_000
STEPS = 700
BATCH = 1_024
RATE = 0.012
SCALE = 25.0
ASKED = (64, 160)  # questions that people asked, of a batch: in the first three fifths of the training, and then


def parts(words: Sequence[str]) -> tuple[Any, list[str]]:
    """Return which characters stand in each word, `(words, characters)`, half a time each, and the characters.

    The first word, [UNK], has none.
    """
    from scipy import sparse  # type: ignore[import-untyped]  # brought by sentence-transformers

    characters = sorted({char for word in words[1:] for char in word})
    place = {char: number for number, char in enumerate(characters)}
    rows = [number for number, word in enumerate(words[1:], 1) for _ in word]
    columns = [place[char] for word in words[1:] for char in word]
    half = np.full(len(rows), 0.5, dtype=np.float32)
    return sparse.csr_matrix((half, (rows, columns)), shape=(len(words), len(characters))), characters


def bags(texts: Sequence[Ids], made_of: Any) -> Any:
    """Return texts as rows of word and character counts, each row divided by its number of words."""
    from scipy import sparse

    lengths = np.array([len(text) for text in texts])
    weight = np.repeat(1.0 / np.maximum(lengths, 1), lengths).astype(np.float32)
    rows = np.concatenate(([0], np.cumsum(lengths)))
    words = sparse.csr_matrix((weight, np.concatenate(texts), rows), shape=(len(texts), made_of.shape[0]))
    words.sum_duplicates()
    return sparse.hstack((words, words @ made_of), format="csr")


def train(first: Matrix, made_of: Any, pairs: Pairs, steps: int) -> Matrix:
    """Return the rows of words, then of characters, after training with InfoNCE (van den Oord and others, 2018).

    Each query is to find its text among those of the batch and each text its query, by cosine times `SCALE`. Adam; the
    rate rises for 50 steps and falls to nothing.
    """
    import torch
    from torch.nn.functional import cross_entropy, normalize

    rows = torch.nn.Parameter(torch.from_numpy(first.copy()))
    adam = torch.optim.Adam([rows], fused=True)
    target = torch.arange(BATCH)
    began, losses = time.time(), []
    for step in range(steps):
        done = step / steps
        adam.param_groups[0]["lr"] = RATE * min(1.0, (step + 1) / 50) * (1 - done) ** 0.5
        sides = [bags(side, made_of) for side in pairs.batch(BATCH, ASKED[0] if done < 0.6 else ASKED[1])]
        # The sums are scipy's: its sparse products, and their gradient, take a third of the time of an EmbeddingBag.
        sums = [torch.from_numpy(bag @ rows.detach().numpy()).requires_grad_() for bag in sides]
        query, text = (normalize(side) for side in sums)
        score = SCALE * query @ text.T
        loss = (cross_entropy(score, target) + cross_entropy(score.T, target)) / 2
        loss.backward()  # type: ignore[no-untyped-call]
        back = [bag.T @ side.grad.numpy() for bag, side in zip(sides, sums, strict=True) if side.grad is not None]
        rows.grad = torch.from_numpy(sum(back))
        adam.step()
        losses.append(loss.item())
        if step % 100 == 99:
            pace = (time.time() - began) / (step + 1)
            log.info("step %d of %d: loss %.4f, %.2f s a step", step + 1, steps, np.mean(losses[-100:]), pace)
    trained: Matrix = rows.detach().numpy()
    return trained


def vocabulary_texts(source: Source, rng: np.random.Generator, most: int = 4_000_000) -> list[str]:
    """Return the texts that words are taken from: `most` characters of the statutes and all of the rest."""
    passages = [passage for group in source.statutes for passage in group.passages]
    chosen, total = [group.title for group in source.statutes], 0
    for number in rng.permutation(len(passages)):
        chosen.append(passages[number])
        total += len(passages[number])
        if total > most:
            break
    rest = [text for group in source.abstracts for text in (group.title, *group.passages, *group.headings)]
    rest += [*source.titles, *paragraphs_of(source.questions), *(question.text for question in source.questions)]
    return chosen + rest


def build(source: Source, out: Path, steps: int, seed: int) -> None:
    """Train on `source` and write the model to `out`."""
    rng = np.random.default_rng(seed)
    out.mkdir(parents=True, exist_ok=True)
    file = out / "tokenizer.json"
    file.write_text(make_tokenizer(vocabulary_texts(source, rng), character_table(), WORDS), encoding="utf-8")
    words = Words(file)
    log.info("tokenizer: %d words", words.size)

    pairs = make_pairs(source, words, rng)
    streams = [(pairs.statutes, 1), (pairs.abstracts, 3), (encode(words, source.titles), 3), (pairs.paragraphs, 5)]
    log.info("encoded: %d words", sum(len(stream.ids) for stream, _ in streams))
    first = first_vectors(streams, words.size, DIM, rng)
    log.info("first vectors made")

    names = tokenizer_words(file)
    made_of, characters = parts(names)
    number_of = {word: number for number, word in enumerate(names)}
    start = np.concatenate((first, 0.5 * first[[number_of[char] for char in characters]]))
    rows = train(start, made_of, pairs, steps)
    write(out, rows[: words.size] + made_of @ rows[words.size :])
    log.info("written to %s", out)


def make_pairs(source: Source, words: Words, rng: np.random.Generator) -> Pairs:
    """Return what batches are made of."""
    named = paragraphs_of(source.questions)
    place = {paragraph: number for number, paragraph in enumerate(named)}
    asked = lines(words, [question.text for question in source.questions])
    sizes = [len(group.passages) for group in source.statutes]
    return Pairs(
        statutes=encode(words, [passage for group in source.statutes for passage in group.passages]),
        group_of=np.repeat(np.arange(len(sizes), dtype=np.int32), sizes),
        titles=lines(words, [f"{group.title} {heading}" for group in source.statutes for heading in group.headings]),
        abstracts=encode(words, [passage for group in source.abstracts for passage in group.passages]),
        abstract_queries=[lines(words, [group.title, *filter(None, group.headings)]) for group in source.abstracts],
        paragraphs=encode(words, named),
        questions=[(ids, place[question.paragraph]) for ids, question in zip(asked, source.questions, strict=True)],
        asking=lines(words, ASKING),
        rng=rng,
    )


def write(out: Path, vectors: Matrix) -> None:
    """Write the vectors, one a word, and what sentence-transformers wants to find beside them."""
    from safetensors.numpy import save_file

    vectors[0] = 0  # [UNK] says nothing
    vectors /= np.linalg.norm(vectors, axis=1).mean()  # far from the ends of the range of float16
    save_file({"embedding.weight": vectors.astype(np.float16)}, out / "model.safetensors")
    (out / "model.safetensors").chmod(0o644)  # safetensors lets only its owner read it
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.StaticEmbedding"},
        {"idx": 1, "name": "1", "path": "1_Normalize", "type": "sentence_transformers.models.Normalize"},
    ]
    config: dict[str, object] = {"prompts": {}, "default_prompt_name": None, "similarity_fn_name": "cosine"}
    for name, value in (("modules.json", modules), ("config_sentence_transformers.json", config)):
        (out / name).write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def measure(out: Path, questions: list[Question]) -> list[float]:
    """Return Recall@1, @5 and @10 of the model in `out` where each paragraph is a passage."""
    from safetensors.numpy import load_file

    rows = load_file(out / "model.safetensors")["embedding.weight"].astype(np.float32)
    words = Words(out / "tokenizer.json")

    def embed(texts: Sequence[str]) -> Matrix:
        sums = np.stack([rows[ids].sum(axis=0) for ids in lines(words, texts)])
        unit: Matrix = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
        return unit

    named = paragraphs_of(questions)
    place = {paragraph: number for number, paragraph in enumerate(named)}
    right = [place[question.paragraph] for question in questions]
    scores = embed([question.text for question in questions]) @ embed(named).T
    rank = (scores > scores[np.arange(len(right)), right][:, None]).sum(axis=1)
    return [float((rank < k).mean()) for k in (1, 5, 10)]


def main() -> None:
    """Train and write the model, measure one, or both."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("data", type=Path, nargs="?", help="folder that holds Laws, mojLawSplitJSON, CSL, cmrc2018 and DRCD")
    add("--out", type=Path, default=Path(__file__).resolve().parents[1], help="where the model lies (default: here)")
    add("--steps", type=int, default=STEPS)
    add("--seed", type=int, default=7)
    add("--measure", type=Path, action="append", default=[], help="a file in SQuAD form; may be repeated")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if arguments.data:
        build(read_all(arguments.data), arguments.out, arguments.steps, arguments.seed)
    for path in arguments.measure:
        recall = measure(arguments.out, read_questions(path))
        log.info("%s: Recall@1 %.4f, @5 %.4f, @10 %.4f", path.name, *recall)


if __name__ == "__main__":
    main()
