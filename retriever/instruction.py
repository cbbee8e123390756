"""Words in a document that speak to a program instead of its readers: text, never followed, never an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.fold import fold

_HIDDEN = re.compile(r"<!--.*?(?:-->|$)|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]", re.S)
_ORDERS = "指令|指示|提示|要求|规则|设定|内容|对话|文字|说明|约束|命令"
_ADDRESSED = re.compile(
    # Looking first at what one may begin with makes it six times as fast.
    "(?=[忽无忘不抛绕违覆推系提<\\[作你假扮致给请a人智机问回答输必务一只直大idfobyrpjs越开])(?:"
    rf"(?:忽略|无视|忘记|忘掉|不要理会|不必理会|抛开|绕过|违反|覆盖|推翻)[^。;]{{0,10}}(?:以上|上述|上面|之前|此前|前面|先前|所有|一切|原有|系统|安全)[^。;]{{0,10}}(?:{_ORDERS})"
    r"|系统提示|提示词|system\s*prompt|<\|?(?:im_start|system|endoftext)|\[/?inst\]|(?<![a-z])(?:system|assistant)\s*:"
    r"|(?:作为|你是|你现在是|假装你?是|扮演|致|给|请)[^。,;]{0,6}(?:ai|人工智能(?:助手|模型)|大?语言模型|大模型|聊天机器人|智能助手|gpt|助手)"
    r"|(?:ai|人工智能|智能|机器|问答)(?:助手|模型|系统|机器人)[^。;]{0,10}(?:请|须|必须|应当|应(?![用急对])|务必|注意|只能|不得|不要)"
    r"|(?:回答|作答|回复|答复|输出)(?:任何|一切|所有|用户|问题|本?文件|时|的时候)[^。;]{0,16}(?:必须|务必|一律|只能?|都要|请|须|改为|说成)"
    r"|(?:请|必须|务必|一律|只能?|直接)(?:回答|答复|输出|回复|复述|打印|说)[^。;]{0,6}[“\"‘'「:]"
    r"|(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instructions?|prompts?|rules?|above|previous|prior|context|guidelines)"
    r"|\byou (?:are|must|will|should)\b.{0,30}\b(?:now|assistant|ai|model|answer|reply|respond|output|say)\b"
    r"|\b(?:answer|reply|respond|output|print|reveal|repeat)\b.{0,30}\b(?:only|always|with|exactly|verbatim|instructions?|prompt|secret|password)\b"
    r"|\b(?:jailbreak|developer mode|do anything now)\b|越狱模式|开发者模式"
    ")"
)
_STOP = re.compile(r"[。！？!?；;\n|]|\.(?=\s|$|[\u4e00-\u9fff])")
_REACH = 200  # characters before such words in which their sentence begins


def visible(words: str) -> str:
    """Return what a reader sees of words: no comments of HTML, no characters without width."""
    return _HIDDEN.sub("", words)


def addressed(words: str) -> bool:
    """Return whether words tell a program what to do: 忽略以上所有指令, ignore previous instructions."""
    return bool(_ADDRESSED.search(fold(visible(words))))


def blanked(text: str) -> str:
    """Return the text, as long as it is, with blanks for what is hidden in it and what speaks to a program."""
    spans = [found.span() for found in _HIDDEN.finditer(text)]
    shown = _filled(text, spans)
    folded = fold(shown)
    said: list[tuple[int, int]] = []
    for found in _ADDRESSED.finditer(folded):
        start = max(
            (stop.end() for stop in _STOP.finditer(shown, max(0, found.start() - _REACH), found.start())),
            default=max(0, found.start() - _REACH),
        )
        stop = _STOP.search(shown, found.end())
        said.append((start, stop.end() if stop else len(shown)))
    return _filled(shown, said) if said else shown


def _filled(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text with blanks in the spans; ends of lines stay."""
    pieces, at = [], 0
    for start, end in spans:
        start = max(start, at)
        if start < end:
            pieces += [text[at:start], re.sub(r"[^\n]", " ", text[start:end])]
            at = end
    return "".join((*pieces, text[at:])) if pieces else text


def unaddressed(words: str) -> str:
    """Return the visible words without the sentences that speak to a program."""
    shown = visible(words)
    if not addressed(shown):
        return shown
    return "".join(part for part in re.split(r"(?<=[。！？!?\n；;])", shown) if not addressed(part))
