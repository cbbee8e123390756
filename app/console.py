"""How values look as text on a terminal. Words of documents are shown as they stand, less what could steer it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from app.wording import FIELD, KIND, OVERDUE, RESULT, ROLE, RULE, STATUS, flag

_FIGURES = (
    ("事实召回 fact recall", "fact_recall", "{:.3f}"),
    ("全对 right", "right", "{:.3f}"),
    ("引文精确 citation precision", "citation_precision", "{:.3f}"),
    ("引文召回 citation recall", "citation_recall", "{:.3f}"),
    ("引文逐字 exactness", "exactness", "{:.3f}"),
    ("拒答精确 abstention precision", "abstention_precision", "{:.3f}"),
    ("拒答召回 abstention recall", "abstention_recall", "{:.3f}"),
    ("答案平均字数 length", "length", "{:.0f}"),
    ("答案字数中位 median length", "length_median", "{:.0f}"),
    ("耗时 p50 ms", "p50_ms", "{:.1f}"),
    ("耗时 p95 ms", "p95_ms", "{:.1f}"),
)
_COLUMNS = (
    ("题数", "cases", "{}"),
    ("事实", "fact_recall", "{:.2f}"),
    ("全对", "right", "{:.2f}"),
    ("引精", "citation_precision", "{:.2f}"),
    ("引召", "citation_recall", "{:.2f}"),
    ("拒精", "abstention_precision", "{:.2f}"),
    ("拒召", "abstention_recall", "{:.2f}"),
    ("字数", "length", "{:.0f}"),
    ("p95", "p95_ms", "{:.1f}"),
)
_PARTS = {"store": "库", "corpus": "文档库", "index": "索引", "vectors": "向量", "backup": "备份", "model": "模型"}


def plain(text: str) -> str:
    """Return the text without control and direction characters, which a terminal would obey; line breaks stay."""
    return "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cf", "Cs"))


def answer(given: Mapping[str, Any]) -> str:
    """Return an answer for reading: the answer, what it cites, what is missing, the nearest passages of a refusal."""
    from retriever.answer import FIELD_NAMES

    parts = [given["answer"]]
    if given["citations"]:
        parts.append("\n".join(_passage(item) for item in given["citations"]))
    if given.get("missing"):
        parts.append("未载明：" + "、".join(FIELD_NAMES.get(item, item) for item in given["missing"]))
    if given.get("nearest"):
        parts.append("最接近的原文：\n" + "\n".join(_passage(item) for item in given["nearest"]))
    if given.get("notice"):
        parts.append(f"注意：{given['notice']}")
    if given.get("as_of"):
        parts.append(f"截至 {given['as_of']}")
    if given.get("model"):
        parts.append(_model(given["model"]))
    return plain("\n\n".join(parts))


def hits(found: Sequence[Mapping[str, Any]]) -> str:
    """Return search hits for reading, best first."""
    if not found:
        return "没有找到。"
    return plain("\n\n".join(_hit(number, item) for number, item in enumerate(found, start=1)))


def documents(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the list of documents, one block each: the id, what the document states of itself, the file."""
    if not rows:
        return "库中没有文档；duban ingest 导入。"
    return plain("\n".join(_row(row) for row in rows))


def task(row: Mapping[str, Any]) -> str:
    """Return one task of the ledger for reading: title and status, who, by when, where it stands."""
    state = STATUS[row["status"]["kind"]] + (f"，{OVERDUE[row['overdue']]}" if row["overdue"] != "no" else "")
    kind = f"〔{KIND[row['kind']]}〕" if row["kind"] != "task" else ""
    lines = [f"{kind}{row['label']} {row['title']}  【{state}】".strip()]
    for role, name in ROLE.items():
        if found := "、".join(duty["unit"] for duty in row["duties"] if duty["role"] == role):
            lines.append(f"  {name}：{found}")
    if row["deadlines"]:
        lines.append("  期限：" + "；".join(_deadline(item) for item in row["deadlines"]))
    if row["flags"]:
        lines.append("  提示：" + "；".join(flag(name) for name in row["flags"]))
    for other in row.get("same") or ():
        lines.append(f"  另见：《{other['doc_title']}》{other['title']}（{STATUS[other['status']['kind']]}）")
    for item in row.get("contradictions") or ():
        both = "；".join(f"《{value['doc_title']}》{value['quote'] or value['value']}" for value in item["values"])
        lines.append(f"  {FIELD[item['field']]}不一致：{both}")
    page = f"  第{row['page']}页" if row.get("page") else ""
    lines.append(
        f"  《{row['doc_title']}》{' › '.join(row['path'])}{page}  {row['source']} [{row['start']}, {row['end']})"
    )
    return plain("\n".join(" ".join(line.split("\n")) for line in lines) + "\n")


def totals(shown: Mapping[str, Any]) -> str:
    """Return the totals that documents state, for reading, each with what it was compared with."""
    lines = [f"共 {shown['count']} 项" + _states(shown["status"])]
    for item in shown["docs"]:
        kinds = "，".join(f"{KIND[kind]} {item['tasks'][kind]}" for kind in KIND if kind in item["tasks"])
        lines += ["", f"《{item['title']}》{kinds or '没有编号的事项，台账为空'}{_states(item['status'])}"]
        for total in item["totals"]:
            lines.append(f"  {' '.join(total['text'].split())}  [{total['start']}, {total['end']})")
            lines += [f"    {_check(check, total)}" for check in total["checks"]]
    return plain("\n".join(lines))


def _check(check: Mapping[str, Any], total: Mapping[str, Any]) -> str:
    result = RESULT[check["result"]]
    if check["rule"] == "sum":
        added = " + ".join(str(part["value"]) for part in total["parts"])
        return f"{result}：{check['stated']} {'=' if check['result'] == 'agreed' else '≠'} {added}"
    if check["rule"] == "status":
        return f"{result}：{STATUS[check['of']]} 文件写 {check['stated']}，{RULE['status']} {check['found']}"
    return f"{result}：{RULE[check['rule']]} 文件写 {check['stated']}，核得 {check['found']}"


def _states(counts: Mapping[str, int]) -> str:
    shown = "，".join(f"{STATUS[kind]} {counts[kind]}" for kind in STATUS if counts.get(kind))
    return f"（按文字：{shown}）" if shown else ""


def _deadline(item: Mapping[str, Any]) -> str:
    day = item.get("end_date")
    return f"{item['text']}（{day}）" if day else str(item["text"])


def document(shown: Mapping[str, Any]) -> str:
    """Return one document: what it states of itself, then its outline with spans."""
    lines = [_row(shown), *_versions(shown), ""]
    for section in shown["sections"]:
        mark = "（页面元素，不检索）" if section["kind"] == "chrome" else ""
        title = " ".join(section["title"].split()) or "—"
        span = f"[{section['start']}, {section['end']})"
        lines.append(f"{'  ' * section['depth']}{section['label']}{title}{mark}  {span}")
    return plain("\n".join(lines))


def checks(found: Sequence[Mapping[str, Any]], store: str) -> str:
    """Return what `doctor` found, a line a part; what is to be done is said elsewhere."""
    lines = []
    for part, name in _PARTS.items():
        mine = [item for item in found if item["part"] == part]
        if any(not item["ok"] for item in mine):
            lines.append(_padded(name, 8) + "有问题")
        elif mine:
            lines.append(_padded(name, 8) + "；".join(item["what"] for item in mine))
    well = all(item["ok"] for item in found)
    return plain("\n".join([*lines, f"库 {store} {'完好' if well else '有问题'}。"]))


def restored(done: Mapping[str, Any]) -> str:
    """Return what a restore has done."""
    used = f"备份 {done['backup']}" if done["backup"] else "原文件"
    lines = [f"已用{used}恢复文档库；损坏的文件留作 corpus.db.damaged，确认无误后可以删除。"]
    if done["again"]:
        lines.append(f"备份之后导入的 {len(done['again'])} 份已由原文件补回。")
    if done["gone"]:
        lines.append(f"备份之后移除的 {len(done['gone'])} 份没有放回。")
    if done["unknown"]:
        lines.append(
            f"originals/ 里有 {len(done['unknown'])} 个文件已不知来源，请重新导入：{'、'.join(done['unknown'])}"
        )
    return plain("\n".join(lines))


def evaluation(done: Mapping[str, Any]) -> str:
    """Return a run for reading: the figures, the same by intent, script and answerable, and the failures."""
    total = done["figures"]
    counts = f"{total['cases']} 题（可答 {total['answerable']}，作答 {total['answered']}）"
    lines = [f"评测集 {done['suite']}，{counts}，文档来自 {done['store']}", ""]
    lines += [f"{_padded(label, 32)}{_number(total[key], form):>8}" for label, key, form in _FIGURES]
    for key, groups in done["by"].items():
        lines += ["", _padded(key, 16) + "".join(_padded(label, 8, right=True) for label, _, _ in _COLUMNS)]
        for value, part in groups.items():
            cells = (_padded(_number(part[column], form), 8, right=True) for _, column, form in _COLUMNS)
            lines.append(_padded(value, 16) + "".join(cells))
    lines += _ledger_figures(done["ledger"]) if done.get("ledger") else []
    lines += _models(done)
    lines += ["", f"未达要求的题：{len(done['failures'])}"]
    for item in done["failures"]:
        before = "".join(f"（先问：{question}）" for question in item["history"])
        lines += [
            "",
            f"{item['id']}  {before}{item['question']}",
            f"  应得：{'；'.join(item['expected'])}",
            f"  实得：{_short(item['got'])}",
            f"  原因：{'；'.join(item['why'])}",
        ]
    return plain("\n".join(lines))


def _models(done: Mapping[str, Any]) -> list[str]:
    """Return what a language model did and took in a run, nothing where none was there."""
    lines = []
    if part := done.get("model"):
        tokens = f"词元 {part['tokens']['sent']} + {part['tokens']['received']}，{part['seconds']:.1f} 秒"
        lines += ["", f"语言模型 {part['name']}：改写 {part['written']} 题，{tokens}"]
        lines += [f"  {count} 题未改写：{reason}" for reason, count in part["reasons"].items()]
    if part := done.get("judge"):
        right, agreed = (_number(part[name], "{:.3f}") for name in ("right", "agreed"))
        tokens = f"词元 {part['tokens']['sent']} + {part['tokens']['received']}，{part['seconds']:.1f} 秒"
        lines += ["", f"模型评判 {part['judged']} 题：判对 {right}，与上面的指标一致 {agreed}（{tokens}）"]
    return lines


def ranking(done: Mapping[str, Any]) -> str:
    """Return the figures of a ranking run for reading."""
    names = ("recall_at_1", "recall_at_5", "recall_at_10", "mrr_at_10", "p50_ms", "p95_ms")
    total = done["figures"]
    head = f"问题集 {done['suite']}，{total['paragraphs']} 段，{total['questions']} 问"
    return plain("\n".join([head, *(f"{name:<16}{_number(total[name], '{:.4f}'):>10}" for name in names)]))


def _ledger_figures(shares: Mapping[str, Any]) -> list[str]:
    lines = ["", _padded("台账 ledger", 24) + "".join(_padded(head, 10, right=True) for head in ("精确率", "召回率"))]
    for label, name in (
        ("事项 task", "task"),
        ("责任 duty", "duty"),
        ("期限 deadline", "deadline"),
        ("进展 status", "status"),
    ):
        cells = (_padded(_number(shares[name][key], "{:.3f}"), 10, right=True) for key in ("precision", "recall"))
        lines.append(_padded(label, 24) + "".join(cells))
    return lines + [f"  {line}" for line in shares["differences"]]


def _model(part: Mapping[str, Any]) -> str:
    """Return in one line what a language model had to do with an answer, and what it took."""
    done = "改写，逐句核对过" if part["outcome"] == "written" else "未改写，用的是原文"
    said = f"语言模型 {part['name']}：{done}" + (f"（{part['reason']}）" if part.get("reason") else "")
    if part["tokens"]["sent"] is not None:
        said += f"；词元 {part['tokens']['sent']} + {part['tokens']['received']}"
    return said + f"；{part['seconds']:.1f} 秒"


def _passage(item: Mapping[str, Any]) -> str:
    quote = " ".join(item["quote"].split())
    return f"[{item['n']}] {_place(item)}\n    {quote}\n    {item['source']} [{item['start']}, {item['end']})"


def _hit(number: int, item: Mapping[str, Any]) -> str:
    words = " ".join(item["text"].split())
    span = f"[{item['start']}, {item['end']})"
    return f"{number}. {_place(item)}  {item['score']:.3f}\n   {words}\n   {item['source']} {span}"


def _place(item: Mapping[str, Any]) -> str:
    shown = " › ".join([f"《{item['title']}》" if item["title"] else "（无标题）", *item["path"]])
    if item.get("page"):
        shown += f"  第{item['page']}页"
    if item.get("confidence") is not None:
        shown += f"（扫描识别，置信度 {item['confidence']:.0%}）"
    return shown


def _row(row: Mapping[str, Any]) -> str:
    stated = "，".join(row[key] for key in ("issuer", "number", "date") if row.get(key))
    return f"{row['doc']}  {row['title'] or '（无标题）'}\n  {stated or '—'}（{row['chunks']} 段）\n  {row['source']}"


def _versions(shown: Mapping[str, Any]) -> list[str]:
    """Return the versions of the files that a document came from, oldest first, where there is more than one."""
    lines = []
    for source in dict.fromkeys(item["source"] for item in shown["versions"]):
        lines += ["", f"版本 {source}"]
        for item in shown["versions"]:
            if item["source"] == source:
                state = f"已由 {item['superseded_by']} 取代，不再检索" if item["superseded_by"] else "现行"
                here = "→" if item["doc"] == shown["doc"] else " "
                lines.append(f"{here} {item['doc']}  {item['title']}  {item['date'] or '—'}  {state}")
    return lines


def _short(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 160 else f"{words[:160]}…"


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _padded(text: str, width: int, *, right: bool = False) -> str:
    """Return the text filled with blanks to `width` columns; a Han character takes two."""
    blanks = " " * max(width - sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text), 0)
    return blanks + text if right else text + blanks
