"""Tests the connection to a language model, and says in one line what is wrong with it."""

from __future__ import annotations

from retriever.doctor import Finding
from retriever.generate.model import Model
from retriever.generate.trouble import Kind, Trouble

_SAY = "只回答一个字：好。"
_DO: dict[Kind, str] = {
    "address": "请检查 DUBAN_MODEL_URL（通常以 /v1 结尾），服务是否已启动",
    "certificate": "请把服务的证书加入信任（SSL_CERT_FILE），或改用受信任的证书",
    "key": "请检查 DUBAN_MODEL_KEY",
    "name": "请检查 DUBAN_MODEL 冒号后的名称",
    "timeout": "请检查服务是否太忙，或加大 DUBAN_MODEL_SECONDS",
    "limit": "请稍后再试，或减小 DUBAN_MODEL_PARALLEL",
    "protocol": "请检查 DUBAN_MODEL 的提供方和 DUBAN_MODEL_URL 是不是同一种协议",
}


def probe(model: Model) -> Finding:
    """Return whether the model can be asked: a word is sent to it, and no text of a document."""
    options = model.options
    where = f"{options.name}（{options.address}）"
    exchange = model.exchange()
    try:
        said = exchange.whole(_SAY)
    except Trouble as trouble:
        do = _DO.get(trouble.kind, "请看服务的日志")
        return Finding("model", f"{where} {trouble.words}", f"{do}；在此之前用原文作答")
    if not said.strip():
        return Finding("model", f"{where} 连上了，但回复是空的", f"{_DO['protocol']}；在此之前用原文作答")
    return Finding("model", f"{where} 可用，{exchange.seconds:.1f} 秒答完")
