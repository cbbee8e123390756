"""Words in a document that speak to a program instead of its readers: text, never followed, never an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingest.fold import fold
from ingest.regex import regex

_HIDDEN = regex(r"<!--.*?(?:-->|$)|[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]", re.S)
_ORDERS = "指令|指示|提示|要求|规则|设定|内容|对话|文字|说明|约束|命令"
_ADDRESSED = regex(
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
# Whatever that matches holds one of these, and to look for them takes two fifths of the time; few documents hold any.
_MAY = regex(
    "忽略|无视|忘记|忘掉|不要理会|不必理会|抛开|绕过|违反|覆盖|推翻|系统提示|提示词|助手|模型|机器人|智能系统|机器系统|问答系统"
    "|回答|作答|回复|答复|输出|复述|打印|请说|必须说|务必说|一律说|只能?说|直接说|越狱模式|开发者模式"
    r"|ai|gpt|system|im_start|endoftext|\[/?inst\]|assistant|ignore|disregard|forget|override|bypass|you |answer|reply"
    "|respond|output|print|reveal|repeat|jailbreak|developer mode|do anything now"
)
_UNSEEN = ("<!--", *map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065), 0xFEFF)))
_STOP = regex(r"[。！？!?；;\n|]|\.(?=\s|$|[\u4e00-\u9fff])")
_REACH = 200  # characters before such words in which their sentence begins


def visible(words: str) -> str:
    """Return what a reader sees of words: no comments of HTML, no characters without width."""
    return _HIDDEN.sub("", words) if _hides(words) else words


def _hides(words: str) -> bool:
    return any(mark in words for mark in _UNSEEN)  # twenty of these take less time than one search for any of them


def addressed(words: str) -> bool:
    """Return whether words tell a program what to do: 忽略以上所有指令, ignore previous instructions."""
    folded = fold(visible(words))
    return bool(_MAY.search(folded) and _ADDRESSED.search(folded))


def blanked(text: str) -> tuple[str, str]:
    """Return the text, as long as it is, with blanks for what is hidden in it and what speaks to a program.

    And that folded.
    """
    shown = _filled(text, [found.span() for found in _HIDDEN.finditer(text)]) if _hides(text) else text
    folded = fold(shown)
    if not _MAY.search(folded):
        return shown, folded
    said: list[tuple[int, int]] = []
    for found in _ADDRESSED.finditer(folded):
        start = max(
            (stop.end() for stop in _STOP.finditer(shown, max(0, found.start() - _REACH), found.start())),
            default=max(0, found.start() - _REACH),
        )
        stop = _STOP.search(shown, found.end())
        said.append((start, stop.end() if stop else len(shown)))
    return _filled(shown, said), _filled(folded, said)


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
