"""Site chrome: what a web page puts around a document (navigation, share bars, footers)."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.document import Span
from ingest.regex import regex

# Words of navigation bars, share bars and page footers of Chinese public sites, in folded form.
_WORDS = regex(
    r"扫一扫|扫码|关怀版|无障碍|简繁体|长者模式|适老|网站地图|网站声明|返回首页|返回顶部|回到顶部|关于我们|联系我们|站点地图|"
    r"主办单位|承办单位|主管单位|版权所有|备案序号|备案号|icp备|公网安备|网站标识码|技术支持|建议使用|浏览器|免责声明|未经许可|"
    r"今天是[^,。]{0,4}\d|您的位置|"
    r"您当前的位置|当前位置|您现在的位置|所在位置|首页 ?>|政务公开|渝快办|互动交流|登录|注册$|下载客户端|"
    r"分享到|分享至|分享:|打印本页|打印此页|关闭窗口|关闭本页|字体:|字号:|【大中小】|\[大中小\]|浏览次数|阅读次数|点击数|点击量|访问量|"
    r"公众号|微信公众|官方微博|微博$|粤商通|上一篇|下一篇|上一条|下一条|相关链接|友情链接|相关阅读|相关稿件|责任编辑|编辑:"
)
# Where a page stands in its site: 某局官网 > 通知公告 > 正文.
_PATH = regex(r"[^>〉»。,;]{2,30}(?: ?[>〉»]{1,2} ?[^>〉»。,;]{1,40}){2,8}")
# A short line of a bar: words without a sentence, as 机器人, 首页 政务公开 服务.
_BAR = regex(r"[^。！？；:，,;!?《》〔〕、()\d]{1,40}")
_HEAD_LINES = 40  # how far down navigation is looked for: longer bars were not seen
_TAIL_LINES = 25


def chrome(lines: Sequence[tuple[int, int, str]]) -> list[Span]:
    """Return the spans of site chrome at the head and the tail of a text.

    Args:
        lines: `(start, end, folded words)` of each line that is not blank, in order.
    """
    spans = []
    head = _last(lines[:_HEAD_LINES])
    if head >= 0:
        spans.append(Span(lines[0][0], lines[head][1]))
    tail = _first(lines, head + 1)
    if tail < len(lines):
        spans.append(Span(lines[tail][0], lines[-1][1]))
    return spans


def _last(lines: Sequence[tuple[int, int, str]]) -> int:
    """Return the position of the last line of the bars at the head, -1 where there is none."""
    last = -1
    for at, (_, _, words) in enumerate(lines):
        if _is_chrome(words):
            last = at
        elif not (_BAR.fullmatch(words) and len(words) <= 20):
            break
    # A bar goes on with short words of its own kind (机器人, a site's name) up to the first line of the document.
    while 0 <= last < len(lines) - 1 and len(lines[last + 1][2]) <= 6 and _BAR.fullmatch(lines[last + 1][2]):
        last += 1
    return last


def _first(lines: Sequence[tuple[int, int, str]], floor: int) -> int:
    """Return the position of the first line of the footer, `len(lines)` where there is none."""
    first = len(lines)
    for at in range(len(lines) - 1, max(floor, len(lines) - _TAIL_LINES) - 1, -1):
        words = lines[at][2]
        if _is_chrome(words):
            first = at
        elif first - at > 2 or len(words) > 20 or not _BAR.fullmatch(words):
            break
    return first


def _is_chrome(words: str) -> bool:
    """A line is chrome for its words, unless it is long enough to be a sentence of the document that speaks of them."""
    if _PATH.fullmatch(words):
        return True
    found = _WORDS.search(words)
    if not found:
        return False
    return len(words) <= 60 or words.startswith(("【", "主办", "版权")) or words.count("|") >= 2
