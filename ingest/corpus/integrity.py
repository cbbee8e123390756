"""The integrity of a corpus: the file, chunks that tile their texts, documents that belong to a source."""

from __future__ import annotations

import sqlite3

from ingest.corpus import tasks
from ingest.corpus.database import Database


def problems(db: Database) -> list[str]:
    """Return what is wrong with the corpus, in words; nothing where all is well."""
    damage = [row[0] for row in db.all("PRAGMA integrity_check") if row[0] != "ok"]
    if damage:
        return [f"文件已损坏（{damage[0]}" + (f"，等 {len(damage)} 处）" if len(damage) > 1 else "）")]
    found = []
    for no, doc, text in db.all("SELECT no, id, text FROM document"):
        spans = db.all('SELECT start, "end", text FROM chunk WHERE doc_no = ? ORDER BY no', (no,))
        at = 0
        for start, end, words in spans:
            if start != at or text[start:end] != words:
                found.append(f"文档 {doc} 的段落 [{start}, {end}) 与原文不符")
            at = end
        if at != len(text):
            found.append(f"文档 {doc} 的段落只到 {at}，原文有 {len(text)} 字")
    orphans = db.one(
        "SELECT count(*) FROM document WHERE no NOT IN (SELECT doc_no FROM entry UNION SELECT doc_no FROM history)"
    )
    if orphans:
        found.append(f"{orphans} 份文档不属于任何来源")
    try:
        return found + tasks.integrity(db.connection)
    except sqlite3.DatabaseError as error:
        raise db.trouble(error) from error
