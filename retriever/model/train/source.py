"""What the model is trained on: statutes, abstracts and questions, read from the files that the README names."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Group:
    """Passages that belong together: the articles of one statute, one abstract, one paragraph of an encyclopedia."""

    title: str
    passages: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)  # one a passage: the chapter that it stands in, or ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the paragraph that it was asked about."""

    id: str
    text: str
    paragraph: str


_DATED = re.compile(r"[(（](\d{4}-\d{2}-\d{2})[)）]$")
_ARTICLE = re.compile(r"^第[一二三四五六七八九十百千零〇0-9]+条[  　]*")
_HEADING_NUMBER = re.compile(r"^第\s*[一二三四五六七八九十百千零〇0-9]+\s*[编編章节節款目]\s*")
_LONG, _SHORT = 350, 120  # characters of a passage: articles are joined until they have 120, and cut at 350
# Not official texts: retold cases, a guide for employees.
_NOT_OFFICIAL = {"案例", "其他"}


def read_laws(folder: Path) -> Iterator[Group]:
    """Yield the statutes of LawRefBook/Laws: of the versions of one statute only the latest."""
    latest: dict[str, tuple[str, Path]] = {}
    for path in sorted(folder.rglob("*.md")):
        parts = path.relative_to(folder).parts
        if len(parts) < 2 or parts[0] in _NOT_OFFICIAL or path.name == "_index.md":
            continue
        found = _DATED.search(path.stem)
        name, date = _DATED.sub("", path.stem), found[1] if found else ""
        if name not in latest or latest[name][0] < date:
            latest[name] = (date, path)
    for name, (_, path) in sorted(latest.items()):
        group = _law(name, path.read_text(encoding="utf-8"))
        if group.passages:
            yield group


def _law(name: str, text: str) -> Group:
    group = Group(name)
    heading, article = "", ""
    for line in map(str.strip, text.split("<!-- INFO END -->")[-1].split("\n")):
        if line.startswith("#"):
            _add(group, article, heading)
            heading, article = _HEADING_NUMBER.sub("", line.lstrip("# ")), ""
        elif _ARTICLE.match(line):
            if len(article) >= _SHORT:
                _add(group, article, heading)
                article = ""
            article += _ARTICLE.sub("", line) + "\n"
        elif line:
            article += line + "\n"
    _add(group, article, heading)
    return group


def read_moj(folder: Path) -> Iterator[Group]:
    """Yield the statutes and orders of kong0107/mojLawSplitJSON."""
    for path in sorted((folder / "FalVMingLing").glob("*.json")):
        law = json.loads(path.read_text(encoding="utf-8-sig"))
        group = Group(law["法規名稱"])
        heading, article = "", ""
        for part in law["法規內容"]:
            if "編章節" in part:
                _add(group, article, heading)
                heading, article = _HEADING_NUMBER.sub("", part["編章節"].strip()), ""
            else:
                if len(article) >= _SHORT:
                    _add(group, article, heading)
                    article = ""
                article += part["條文內容"].replace("\r", "") + "\n"
        _add(group, article, heading)
        if group.passages:
            yield group


def _add(group: Group, article: str, heading: str) -> None:
    """Add an article, cut into passages at line ends."""
    passage = ""
    for line in article.split("\n"):
        if passage and len(passage) + len(line) > _LONG:
            group.passages.append(passage)
            group.headings.append(heading)
            passage = ""
        passage += line + "\n"
    if len(passage.strip()) >= 20:
        group.passages.append(passage)
        group.headings.append(heading)


def read_csl(folder: Path) -> tuple[list[Group], list[str]]:
    """Return the abstracts of ydli-ai/CSL with title and keywords, and further titles without abstract."""
    keywords = {}
    for name in ("train", "dev", "test"):
        for _, text, words in _tsv(folder / "benchmark" / "kg" / f"{name}.tsv"):
            keywords[text[:60]] = words.replace("_", " ")
    groups = []
    for name in ("train", "dev", "test"):
        for _, text, title in _tsv(folder / "benchmark" / "ts" / f"{name}.tsv"):
            groups.append(Group(title, [text], [keywords.get(text[:60], "")]))
    titles = [text for name in ("train",) for _, text, _ in _tsv(folder / "benchmark" / "cls_ctg" / f"{name}.tsv")]
    return groups, titles


def _tsv(path: Path) -> Iterator[list[str]]:
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            cells = line.split("\t")
            if len(cells) == 3:
                yield cells


def read_questions(path: Path) -> list[Question]:
    """Return the questions of a file in SQuAD form; none where there is no such file."""
    if not path.exists():
        return []
    articles = json.loads(path.read_text(encoding="utf-8"))["data"]
    return [
        Question(str(question["id"]), question["question"], paragraph["context"])
        for article in articles
        for paragraph in article["paragraphs"]
        for question in paragraph["qas"]
    ]


def for_ranker(question: Question) -> bool:
    """Return whether a question is kept for `retriever.rank`: about a quarter of the paragraphs, the same anywhere.

    By paragraph, as the questions of one paragraph tell of each other. A ranker that is fitted on questions which the
    embedder has learnt believes its cosines too much.
    """
    return hashlib.sha256(question.paragraph.encode()).digest()[0] % 4 == 0


@dataclass(frozen=True, slots=True)
class Source:
    """Everything that is trained on."""

    statutes: list[Group]
    abstracts: list[Group]
    titles: list[str]
    questions: list[Question]


def read_all(data: Path) -> Source:
    """Return what lies in the folders that the README names, and say how much that is."""
    laws, moj = list(read_laws(data / "Laws")), list(read_moj(data / "mojLawSplitJSON"))
    abstracts, titles = read_csl(data / "CSL")
    questions = []
    for name in ("cmrc2018_trial", "cmrc2018_train"):
        questions += read_questions(data / "cmrc2018" / "squad-style-data" / f"{name}.json")
    for name in ("DRCD_test", "DRCD_training"):
        questions += read_questions(data / "DRCD" / f"{name}.json")
    mine = [question for question in questions if not for_ranker(question)]
    for name, groups in (("Laws", laws), ("mojLawSplitJSON", moj), ("CSL", abstracts)):
        passages = [passage for group in groups for passage in group.passages]
        size = sum(map(len, passages))
        log.info("%s: %d texts, %d passages, %d characters", name, len(groups), len(passages), size)
    log.info("titles: %d; questions: %d of %d, the others are the ranker's", len(titles), len(mine), len(questions))
    return Source([*laws, *moj], abstracts, titles, mine)


def paragraphs_of(questions: Iterable[Question]) -> list[str]:
    """Return the paragraphs of questions, each once."""
    return sorted({question.paragraph for question in questions})
