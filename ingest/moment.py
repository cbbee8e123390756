"""Moments: a day, a month, a quarter, a year as the words of a text state it, and the interval that it spans.

Written after GB/T 7408 (dates) and GB/T 15835 (numerals). Patterns read folded text. Nothing here knows an anchor: what
the words leave out stays None, and whoever reads the moment fills it in or leaves it open.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass

from ingest.numeral import number
from ingest.regex import regex

BLANK = r"[ \t\u200b]{0,3}"  # 2023 年 7 月: published copies and PDF readers leave blanks between figures and units
SEP = r"(?:至|到|—{1,2}|[-–―−─~〜])"
NUM = r"(?:[0-9]{1,2}|[二三]?十[一二三四五六七八九]?|[廿卅][一二三四五六七八九]?|[一二三四五六七八九])"
YEAR = r"(?:(?:1[89]|20|21)[0-9]{2}|[一二][〇零○o一八九][〇零○o一二三四五六七八九]{2})"
# A year of the Republic (1 = 1912), with its name; without it only where the document counts so: 114年5月31日.
_ERA = rf"(?:中华)?民国{BLANK}"
_NAMED_YEAR = rf"{_ERA}(?:1?[0-9]{{1,2}}|元|[一二三四五六七八九十百〇零○o]{{1,7}})(?={BLANK}(?:年|[0-9至到—–-]))"
_BARE_YEAR = (
    rf"(?<![0-9./])(?:1[0-4][0-9](?={BLANK}(?:年(?![来间之])|{SEP}{BLANK}1[0-4][0-9]{BLANK}年))"
    rf"|[7-9][0-9](?={BLANK}年{BLANK}[0-9]{{1,2}}{BLANK}月))"
)
_COUNTED = regex(rf"{_ERA}(?:1[0-4][0-9]|[7-9][0-9]|一百[零〇○一二三四]|一[〇零○一二三四][〇零○一二三四五六七八九])")
_DATED = regex(rf"{_BARE_YEAR}{BLANK}年{BLANK}(?:度|底|[0-9]{{1,2}}{BLANK}月)")
# What may stand before 年, 月 and 日 in any calendar or count.
DIGITS = "0-9〇零○一二三四五六七八九十百两廿卅"
_Q = "[一二三四1-4]"

# Edges: the end or the beginning of a period, and the words that only begin like one (底线, 初步, 末端).
_END = r"[底末](?![数线层部板盘图稿价座泥册端位梢次级代尾])"
_BEGIN = r"初(?![步审始稿衷心次级期中核评检设装])"
_EDGE = rf"(?:{_END}|{_BEGIN})"

SEASON = (
    r"今冬明春|去冬今春|冬春(?:季|之交)?|夏秋季?|秋冬季?|春夏(?:季|之交)?|[春夏秋冬]季(?!节性)|[今去明][春夏秋冬]季?|"
    r"(?:主|凌)?(?<!防)汛(?:期|(?=[前后中]))|入(?:汛|[春夏秋冬](?=[以之]?[前后来]))|枯水期|丰水期|[采供]暖[季期]|(?:森林)?防火期|[禁休]渔期|[雨旱]季"
)
# A holiday is a time only together with before, during or after: 紧盯春节、“五一”等节点 says no when.
HOLIDAY = (
    r"(?:元旦|春节|元宵节?|清明节?|端午节?|中秋节?|国庆节?|重阳节?|[“\"]?(?:五一|十一|七一|八一|两会)[”\"]?(?:劳动节)?|双节|"
    r"暑假|寒假|暑期|高考|中考|春运|春耕|秋收)(?=节?[之以]?[前后]|期间|假期)(?:节(?=[前后]))?(?:假期(?=[之以]?[前后]))?"
)
_TIME = (
    rf"(?:{BLANK}(?:上午|下午|晚上?|中午|凌晨|早上?)?{BLANK}(?P<hour>[0-9]{{1,2}}|零|十[一二]?|[一二三四五六七八九])"
    r"(?:[时点](?![间段候限位名多期代建要])(?:[0-9]{1,2}分|半|整)?|:[0-9]{2}(?::[0-9]{2})?(?![0-9])))?"
)
_WEEKDAY = r"(?:\((?:周|星期)[一二三四五六日天]\))?"
_NO_MONTH = r"(?![龄票薪饼租供嫂光亮均刊球季卡息]|三(?![日十])|革命)"  # 24月龄, 3月均值, 三月三
_NO_DAY = r"(?![楼院线令文码机地井门店房桥库标公栋厂池])"  # 3月11号楼

# The year, of any way to say it.
_RELATIVE_YEAR = (
    r"(?:今年|(?<![基样日根成资])本年|(?<!过)去年|(?<!以)上一?年|(?<![说证表声])明年|(?<!年)来年|(?<!以)下一?年(?=度)|(?<![不相])当年|"
    rf"(?<![相合])同年|(?<![首多层每次{DIGITS}])次年|翌年)(?![龄轻级货纪代均])"
)
_RELATIVE_MONTH = rf"(?:(?<![基样以])[本上下]|[当同翌]|(?<![首多层每次{DIGITS}])次)(?=月(?![份亮光度]))"
_WORDS = (
    rf"(?:(?:(?P<y0><year>){BLANK}(?:年度?)?{BLANK}{SEP}{BLANK})?(?P<y><year>){BLANK}年(?![代级限龄轻薪多余]|以[上下]|历史)"
    rf"(?:全年|年度|度(?![假过量]))?|(?P<ry>{_RELATIVE_YEAR})(?:度(?![假过量]))?)?"
    rf"(?:{BLANK}(?:"
    # a month and what is finer than a month
    rf"(?:(?:(?P<m0>{NUM}){BLANK}(?:月份?)?{BLANK}{SEP}{BLANK})?(?P<m>{NUM}|元){BLANK}月{_NO_MONTH}份?|(?P<rm>{_RELATIVE_MONTH})月)"
    rf"(?:{BLANK}(?:"
    rf"(?:(?P<d0>{NUM}){BLANK}日?{BLANK}{SEP}{BLANK})?(?P<d>{NUM}){BLANK}(?:日|号{_NO_DAY}){_WEEKDAY}{_TIME}"
    rf"|(?P<x>[上中下])旬|月?(?P<me>{_EDGE})))?"
    # quarters, halves, edges of the year, seasons, holidays
    rf"|第(?P<qs>{_Q}){BLANK}季(?!度)|第?(?:(?P<q0>{_Q}){BLANK}(?:季度)?{BLANK}{SEP}{BLANK}第?)?(?P<q>{_Q}){BLANK}季度(?P<qe>{_EDGE})?"
    rf"|前(?P<fq>[二两三23])个?季度(?P<fe>{_EDGE})?|前(?P<fm>{NUM})个月|(?P<h>[上下])半年(?P<he>{_EDGE})?"
    rf"|(?P<ye>年?{_EDGE})|(?P<mid>年?中)(?=[前,。;、)\s]|$)|(?P<season>{SEASON})|(?P<holiday>{HOLIDAY})"
    r"))?"
)
_POINT = regex(_WORDS.replace("<year>", f"(?:{YEAR}|{_NAMED_YEAR})"))
_POINT_OF_REPUBLIC = regex(_WORDS.replace("<year>", f"(?:{YEAR}|{_NAMED_YEAR}|{_BARE_YEAR})"))
_STATED = regex(rf"(?<![{DIGITS}]){YEAR}(?={BLANK}(?:年|{SEP}|[./]))|{_NAMED_YEAR}")
_STATED_OF_REPUBLIC = regex(rf"{_STATED.pattern}|{_BARE_YEAR}")
_ISO = regex(
    rf"(?P<y>(?:1[89]|20|21)[0-9]{{2}})(?P<s>[-/.])(?P<m>[0-9]{{1,2}})(?P=s)(?P<d>[0-9]{{1,2}})(?![0-9a-su-z])(?!(?P=s)[0-9])日?{_TIME}"
)
_ISO_MONTH = regex(r"(?P<y>20[0-9]{2})[-/](?P<m>0[1-9]|1[0-2])(?![0-9a-z号期次]|[-/.][0-9])")
_YEARS = regex(rf"(?P<y0>{YEAR}){BLANK}{SEP}{BLANK}(?P<y>{YEAR})(?=\))")
# The n-th Five-Year Plan: the first was 1953-1957, the third began in 1966 (1963-1965 belong to none).
_PLAN = regex(
    r"[“\"‘「『]?(?P<n>[一二]?十[一二三四五六七八九]?|[一二三四五六七八九])五[”\"’」』]?"
    r"(?:规划)?(?P<when>时期|期间|期末|末期?|(?=以来)|开局之?年|收官之?年)"
)

_LAST = {"上": 10, "中": 20}
_LENGTHS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # days of the months; there is no month 0
_DASHES = frozenset("-/.")


@dataclass(frozen=True, slots=True)
class Moment:
    """What a text states of a time; None and "" stand for what it does not state.

    `year0`, the first of `months` and the first of `days` begin a range that shares its unit: 2024—2026年, 1—11月.
    `unit` is the finest unit stated. `edge` is "end" (底, 末), "begin" (初) or "middle" (年中).
    """

    start: int
    end: int
    unit: str
    year0: int | None = None
    year: int | None = None
    relative_year: str = ""
    months: tuple[int, int] | None = None
    relative_month: str = ""
    days: tuple[int, int] | None = None
    edge: str = ""
    hour: int | None = None
    split: bool = False

    @property
    def spread(self) -> bool:
        """Return whether the moment is a range by itself."""
        days = self.days if self.unit == "day" else None
        return self.split or self.year0 is not None or (days is not None and days[0] != days[1])

    def interval(self, year: int, month: int | None = None) -> tuple[dt.date, dt.date] | None:
        """Return the first and the last day in `year` (and in `month`, where the moment states none itself).

        The last may lie before the first where the text says so. None: there is no such day (2月30日, 13月).
        """
        low, high = self.months or ((month, month) if month else (1, 12))
        first, last = self.days or (1, 31)
        try:
            if self.unit != "day":
                last = min(last, _LENGTHS[high] + (high == 2 and calendar.isleap(year)))
            begin = dt.date(self.year0 or year, low, 1 if low != high else first)
            return begin, dt.date(year, high, last)
        except (ValueError, IndexError):
            return None


def read(words: str, at: int, end: int, *, republic: bool = False) -> Moment | None:
    """Return the moment that begins at offset `at` of the folded `words` and ends by `end`; None: there is none.

    `republic`: a year of three digits is one of the Republic (see `counts_by_republic`).
    """
    if words[at + 4 : at + 5] in _DASHES and (found := _ISO.match(words, at, end)):
        return _iso(found)
    if words[at + 4 : at + 5] in _DASHES and (found := _ISO_MONTH.match(words, at, end)):
        return _iso_month(found)
    if words[at - 1 : at] == "(" and (found := _YEARS.match(words, at, end)):
        return Moment(*found.span(), "year", year0=count(found["y0"]), year=count(found["y"]))
    if words.find("五", at, at + 4) > at and (found := _PLAN.match(words, at, end)):
        return _plan(found)
    found = (_POINT_OF_REPUBLIC if republic else _POINT).match(words, at, end)
    return _point(found) if found else None


def count(words: str | None) -> int:
    """Return the number that `words` spell (十二, 二〇二四, 12); 0 for None and for what spells none."""
    if not words:
        return 0
    if words.isdecimal():
        return int(words)
    return number(words.translate(_SPELT)) or 0


_SPELT = {ord("○"): "〇", ord("o"): "〇", ord("廿"): "二十", ord("卅"): "三十", ord("元"): "一", ord("两"): "二"}


def counts_by_republic(words: str, *, traditional: bool = False) -> bool:
    """Return whether a text counts years from 1912: it names such a year, of our time (中華民國114年).

    In `traditional` script dates with years of three digits are enough, where no year has four (114年5月31日).
    """
    return bool(_COUNTED.search(words)) or (
        traditional and _DATED.search(words) is not None and not re.search("(?:19|20)[0-9]{2}年", words)
    )


def years(words: str, *, republic: bool = False) -> list[int]:
    """Return the years of our calendar that the folded `words` state, in order."""
    return [year(found.group()) for found in (_STATED_OF_REPUBLIC if republic else _STATED).finditer(words)]


def year(words: str | None) -> int:
    """Return the year of our calendar that `words` spell (2025, 二○二五, 民国114, 114); 0 for None."""
    if not words:
        return 0
    named = re.match(_ERA, words)
    stated = count(words[named.end() :] if named else words)
    return stated + 1911 if stated and (named or stated < 1000) else stated


def _point(found: re.Match[str]) -> Moment | None:
    start, end = found.span()
    if start == end:
        return None
    part = dict(zip(_NAMES, found.groups(), strict=True))
    unit, months, split = _months(part)
    dated = part["y"] or part["ry"]
    if unit == "year" and part["ye"] and not dated and part["ye"][0] != "年":
        return None
    if part["season"] or part["holiday"]:
        unit = "season" if part["season"] else "holiday"
    elif (unit == "year" or part["fm"]) and not (dated or part["ye"]):
        return None
    days = None
    if part["d"]:
        unit, days = "day", (count(part["d0"] or part["d"]), count(part["d"]))
    elif part["x"]:
        unit, days = "xun", _xun(part["x"])
    return Moment(
        start,
        end,
        unit,
        year(part["y0"]) or None,
        year(part["y"]) or None,
        part["ry"] or "",
        months,
        part["rm"] or "",
        days,
        _edge(part["me"] or part["qe"] or part["he"] or part["fe"] or part["ye"] or part["mid"]),
        count(part["hour"]) if part["hour"] else None,
        split,
    )


def _months(part: dict[str, str | None]) -> tuple[str, tuple[int, int] | None, bool]:
    """Return the unit, the months and whether they are a range of several units."""
    if part["m"]:
        return "month", (count(part["m0"] or part["m"]), count(part["m"])), bool(part["m0"])
    if part["rm"]:
        return "month", None, False
    if part["q"]:
        first, last = count(part["q0"] or part["q"]), count(part["q"])
        return "quarter", (first * 3 - 2, last * 3), bool(part["q0"])
    if part["qs"]:
        return "quarter", (count(part["qs"]) * 3 - 2, count(part["qs"]) * 3), False
    if part["fq"]:
        return "quarter", (1, count(part["fq"]) * 3), True
    if part["fm"]:
        return "month", (1, count(part["fm"])), True
    if part["h"]:
        return "half", (1, 6) if part["h"] == "上" else (7, 12), False
    return "year", None, False


def _xun(which: str) -> tuple[int, int]:
    """Return the days of 上旬, 中旬 or 下旬; the last runs to the end of its month."""
    last = _LAST.get(which, 31)
    return (21 if last == 31 else last - 9), last


def _edge(words: str | None) -> str:
    if not words:
        return ""
    return {"初": "begin", "中": "middle"}.get(words[-1], "end")


def _iso(found: re.Match[str]) -> Moment:
    month, day = int(found["m"]), int(found["d"])
    hour = count(found["hour"]) if found["hour"] else None
    return Moment(*found.span(), "day", year=int(found["y"]), months=(month, month), days=(day, day), hour=hour)


def _iso_month(found: re.Match[str]) -> Moment:
    month = int(found["m"])
    return Moment(*found.span(), "month", year=int(found["y"]), months=(month, month))


def _plan(found: re.Match[str]) -> Moment:
    n = count(found["n"])
    first = 1966 + 5 * (n - 3) if n >= 3 else 1948 + 5 * n
    when = found["when"]
    if when[:2] in ("开局", "收官"):
        return Moment(*found.span(), "year", year=first if when[0] == "开" else first + 4)
    edge = "end" if "末" in when else ""
    return Moment(*found.span(), "year", year0=first, year=first + 4, edge=edge)


_NAMES = tuple(_POINT.groupindex)  # in the order of the groups: the pattern has no others
