"""Units: who has which part in a matter (牵头, 责任, 配合, 督导, 被督促), by the words around the names of bodies."""

from __future__ import annotations

import bisect
import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, cast

from ingest.body import HAN, Body, bodies, find, mask
from ingest.document import Document
from ingest.fold import fold
from ingest.regex import regex

__all__ = ["Duty", "Names", "Role", "bodies", "column_role", "duties", "listed", "names"]

Role = Literal["lead", "responsible", "partner", "supervisor", "target"]


@dataclass(frozen=True, slots=True)
class Duty:
    """A unit and its role; `text[start:end] == unit`, as written.

    A unit is a body, a kind of bodies (各镇街), or the holder of an office (局党组书记), never a person by name. `name`
    is its full name where the document says which it is (专班, 我局, the 甲县 of 甲县、乙县政府); else it is the unit.
    """

    unit: str
    role: Role
    start: int
    end: int
    name: str


# --- the names that a document shortens ---


@dataclass(frozen=True, slots=True)
class Names:
    """What the short names of a document stand for.

    `issuer` is the body that 我局 and 局党组 mean; where a document holds the words of several, `issuers` has the start
    and end of each one's. `short` are the names that the document defines (以下简称专班), folded, with the full ones,
    the longest first.
    """

    issuer: str = ""
    short: tuple[tuple[str, str], ...] = ()
    issuers: tuple[tuple[int, int, str], ...] = ()

    def resolve(self, unit: str, at: int | None = None) -> str:
        """Return the full name of a unit that stands at offset `at`, or the unit where the document says no more."""
        own = (name for start, end, name in self.issuers if at is not None and start <= at < end)
        issuer = next(own, self.issuer)
        folded = fold(unit)
        for short, full in self.short:
            # 市指挥部办公室 begins with the defined 市指挥部; 调查专班 is another than the defined 专班.
            part = folded.startswith(short) and _PART_OF.fullmatch(folded, len(short))
            if part and not folded.startswith(fold(full)):
                unit = full + unit[len(short) :]
                folded = fold(unit)
                break
        return _own(unit, folded, issuer) or unit


def names(document: Document) -> Names:
    """Read what the short names of a document stand for: those that it defines (以下简称…), and 我局 for its issuer."""
    text = document.text
    masked = mask(fold(text))
    short: dict[str, str] = {}
    for defined in _DEFINED.finditer(masked):
        # The full name ends where the bracket opens.
        window = max(0, defined.start() - 40)
        full = [body for body in find(masked[window : defined.start()]) if body.end == defined.start() - window]
        if full and full[-1].end - full[-1].start > len(defined["short"]):
            short.setdefault(defined["short"], text[window + full[-1].start : defined.start()])
    issuer = " ".join(document.issuer.value.split()) if document.issuer else ""
    issuers = tuple((s.start, s.end, s.issuer) for s in document.sections if s.kind == "issuer" and s.issuer)
    return Names(issuer, tuple(sorted(short.items(), key=lambda pair: (-len(pair[0]), pair[0]))), issuers)


_DEFINED = regex(rf"\((?:以下|下)?[简统合]?称(?:为|:)?[\"“”「」]?(?P<short>[{HAN}]{{2,16}})[\"“”「」]?\)")
_PART_OF = regex("|办公室|各?成员单位|(?:主要|有关|相关)?负责(?:人|同志)|[正副]?组长")
_OWN = regex(
    f"[我本]?(?P<kind>[局委厅部院办])(?=$|党|办公室|机关|主要|分管|领导|班子|[属内下直]|各|[{HAN}]{{0,6}}[科处室组]$)"
)
_PLACES = regex("(?:[^省市区县]{2,6}省)?(?:[^省市区县]{1,6}市)?(?:[^省市区县]{1,6}[区县])?")
# Begins as 市, 区 or 县 does, and means none: 市场, 市级, 区县.
_NO_PLACE = regex("[省市区县](?:[省市区县州镇乡(级直属域]|场|容)|市政(?![府协])|市民(?![政宗族])")


@functools.lru_cache(maxsize=4096)
def _own(unit: str, folded: str, issuer: str) -> str:
    """Return the full name of what belongs to the issuer or its place (我局, 局党组, 区财政局); "" for others."""
    bare = re.sub("^(?:中共|中国共产党)|(?:[党黨][组組委])$", "", issuer)
    known = fold(bare)
    if not known:
        return ""
    own = _OWN.match(folded)
    if own and own["kind"] == known[-1]:
        rest = unit[own.end() :]
        return issuer if rest and issuer.endswith(rest) else bare + rest
    if len(folded) > 2 and known.endswith(folded):
        return bare
    place = _PLACES.match(known)
    at = place.group().find(folded[0]) if place and folded[0] in "省市区县" and not _NO_PLACE.match(folded) else -1
    return bare[: at + 1] + unit[1:] if at > 0 else ""


# --- who has which role ---

_LABEL_WORDS: dict[Role, str] = {
    "lead": "牵头(?:责任)?(?:单位|部门|科室|处室|机关|领导|市领导|人)|(?:主办|主责)(?:单位|部门|科室|处室|机关|局处)",
    "partner": "(?:配合|协办|协助|参与|协同|协作)(?:责任)?(?:单位|部门|科室|处室|机关|局处)",
    "supervisor": "(?:督导|督办|监督|督促|督查|督察|指导)(?:责任)?(?:单位|部门|科室|机关|领导)",
    "target": "被?(?:约谈|督办|督促)(?:对象|单位)",
    "responsible": (
        "(?:整改)?(?:第一)?责任(?:单位|部门|科室|处室|股室|主体|领导|人)|(?:承办|实施|落实|负责|整改|主管|权责)(?:单位|部门|科室|主体|机关)"
    ),
}
_HEADS = "|".join(f"(?P<{role}>{words})" for role, words in _LABEL_WORDS.items())
_LABEL = regex(
    rf"(?=[牵主配协参督监指被约整第责承实落负权])(?:(?:{_HEADS})"
    r"(?:\*{0,2}\s?:\*{0,2}\s?|[】\]]\s?:?\s?|仍?为(?![主了准重])|是(?!否)|由[^,。;:\n]{2,24}?(?:调整|变更|更换|改)为"
    rf"|(?=(?:[市区县镇乡](?!领导)|[省州][{HAN}]|各)[{HAN}]{{2,14}}[,、。;(\n]))"
    rf"|(?P<lead__>主办机关)(?=[{HAN}]{{2,14}}[,、。;])|(?P<partner__>协办机关)(?=[{HAN}]{{2,14}}[,、。;])"
    r"|(?:(?P<lead_>牵头|主办)|(?P<partner_>配合|协办))\s?:\s?)"
)
_COLUMN = regex(rf"(?:{_HEADS}|(?P<lead_>牵头|主办)|(?P<partner_>配合|协办))(?:\([^()]{{1,12}}\))?")

_C = r"[^,。;:\n]"
# Between a body and the verb that tells its role.
_ADVERBS = (
    "(?:具体|负责|统一|共同|分别|联合|积极|全力|密切|主动|认真|各自|协同|全程|跟踪|定期|同步|依法|组织|正在?|继续|持续|已|要|应|将|会|予以|做好|"
    "按照?(?:各自|部门)?职[责能](?:分工)?|根据职责(?:分工)?|按分工){0,6}"
)
_RIGHT = regex(
    rf"{_ADVERBS}(?:(?P<lead>(?:总?牵头|主责|主办|(?<!负责)统筹(?!协调))(?!单位|部门|责任|领导|人))|(?P<partner>(?:配合|协助|协办|协作|参与|参加(?=[,。;)]))(?!单位|部门|责任))"
    "|(?P<supervisor>(?:指导)?(?:督促|督导|督办|督查|督察|监督|约谈|责令|责成|通报)(?!单位|部门|检查)|指导(?=[,。;]))"
    "|(?P<responsible>(?:负责|负总责|承担|承办|实施|落实)(?!单位|部门|人)))"
    "|(?P<lead_>(?:改|转|变更|调整)?[为是作]为?总?牵头(?:单位|部门)|(?:任|担任|为)(?:组长|总指挥|总?召集人|指挥长)|为主(?=[,。;、])|按照?[^,。;\\n]{0,20},牵头)"
    "|(?P<partner_>[为是]配合(?:单位|部门)|(?:任|担任|为)(?:常务)?副(?:组长|总指挥|召集人|指挥长))"
    "|(?P<supervisor__>每[日周旬月季年]度?(?:督促|督导|督办))"
    rf"|(?P<supervisor_>对{_C}{{1,24}}?(?:进行|开展|实施)(?:集体|提醒)?约谈)"
    rf"|(?P<responsible_>(?:改|转|变更|调整)?[是为]{_C}{{0,14}}(?:责任主体|责任人|责任单位|实施主体))"
)
_LEFT = regex(
    "(?:(?P<by>由)|(?P<under>接受|服从)|(?P<asked>要求)|(?P<with>会同|联同|联合|协同|会商)|(?P<beside>[与同])"
    "|(?P<push>督促指导|指导督促|督促|责成|责令|约谈了?)"
    rf"|(?P<ask>(?<![申聘邀提商报])请)|(?P<on>对(?:{_C}{{0,10}}的)?))$"
)
_EDGE = regex(
    r"(?:[,。;:!?\n\s)\]】.\d]|(?:^|[\n\s。])[\d一二三四五六七八九十]{1,3}、|[月日年][前后底内]?|[前后起]|^)$"
)
_ACTS = regex(
    rf"(?:要|应|须|必须|需|每|于|按|根据|在{_C}{{1,16}}[前内]|已(?!受理|裁定|判决|宣告)|将|对|会同|联合|开展|组织|建立|制定|出台|印发|做好|加强|定期|及时|"
    "成立|编制|完成|推进|抓好|积极|牵头|全面|累计|依法|统筹|指导|保障|核查|清理|拨付|审批)"
)
_TALK = regex(rf"(?:等{_C}{{0,6}})?(?:主要)?(?:负责人)?(?:进行|开展|实施|予以|给予)?了?{_C}{{0,4}}约谈|下[达发]督办")
_AT_ONCE = regex("限期|立即|立刻|尽快|停[产业工止]|于|在")
_TOGETHER = regex(rf"(?:等{_C}{{0,6}}?)?(?:紧密|密切)?(?:配合|协作|联合|共同|协同)")
_JOINTLY = regex("(?:要|应)?(?:会同|联合)")
_ETC = regex(r"等(?:\d+[个家])?(?:市级|省级|区级|县级|有关|相关)?(?:部门|单位)?")
_NOT_BY = regex("组成|构成|改为|变为|转为|向|调整|增加|提高|压缩|降")
_NUMBERED = regex(r"\s*(?:\(?[\d一二三四五六七八九十]{1,3}\)?[、.]?)?\s*")
_JOIN = regex(r"\s?(?:[、和与及]|以及)\s?")
_NOTE = regex(
    r"\((?:(?P<lead>牵头)|(?P<partner>配合|协办)|(?P<supervisor>督导|督办)|(?P<responsible>负责|承办|主办))(?:单位|部门)?\)"
)
_PLACE = (
    f"(?:各[区县市镇乡]{{1,2}}|(?:(?![和与及、])[{HAN}]){{2,6}}?(?:县|(?<![景林园社小片城校矿厂库牧灾辖])区|市|镇|乡))"
)
_PLACED = regex(
    rf"(?=[由督指责约])(?:由|(?P<push>督促指导|指导督促|督促|责成|责令|约谈)了?)(?P<places>{_PLACE}(?:[、和与及]{_PLACE}){{0,12}})"
    "(?=牵头|负责|配合|于|在|按|对|限期|尽快|立即|加快|抓紧|及时|落实|完成|整改|切实|做好|开展|建立|认真|[,。;])"
)


@dataclass(frozen=True, slots=True, order=True)
class _Found:
    """A unit with its role; `head` is what it shares with a later one of its list (政府)."""

    start: int
    end: int
    role: Role
    head: str = ""


@dataclass(frozen=True, slots=True)
class _Chain:
    """Names that stand together as one list. Brackets behind the last (牵头) are in `end`."""

    items: tuple[Body, ...]
    start: int
    end: int


def duties(text: str, start: int = 0, end: int | None = None, names: Names | None = None) -> list[Duty]:
    """Return who has which role in `text[start:end]`, in order; a body whose role is not said is left out.

    Labels (牵头单位：) and tables with a row of heads are read too.
    """
    end = len(text) if end is None else end
    masked = mask(fold(text[start:end]))
    taken: list[tuple[int, int]] = []
    found: list[_Found] = []
    for first, last, cells in _tables(masked):
        taken.append((first, last))
        found.extend(item for a, b, role in cells for item in _items(masked, a, b, role))
    inside = _Inside(taken)
    for label, last in _labelled(masked):
        if label.start() not in inside:
            taken.append((label.start(), last))
            found.extend(_items(masked, label.end(), last, _role(label)))
    inside = _Inside(taken)
    found.extend(_worded(masked, [chain for chain in _chains(masked, find(masked)) if chain.start not in inside]))
    found.extend(_placed(masked, {item.start for item in found}))
    found.extend(_by(masked, {item.end for item in found}))
    return [_duty(text, start, item, names) for item in sorted(set(found))]


def listed(text: str, start: int, end: int, role: Role, names: Names | None = None) -> list[Duty]:
    """Return the units that `text[start:end]` lists, a table's cell for example, in `role` unless noted otherwise."""
    masked = mask(fold(text[start:end]))
    return [_duty(text, start, item, names) for item in _items(masked, 0, len(masked), role)]


def column_role(words: str) -> Role | None:
    """Return the role that the head of a table's column gives to its cells (牵头单位), None where it gives none."""
    found = _COLUMN.fullmatch(re.sub(r"[\s*]", "", fold(words)))
    return _role(found) if found else None


def _role(found: re.Match[str]) -> Role:
    return cast(Role, (found.lastgroup or "").rstrip("_"))


def _duty(text: str, offset: int, item: _Found, names: Names | None) -> Duty:
    start, end = offset + item.start, offset + item.end
    unit = text[start:end]
    full = unit + item.head
    return Duty(unit, item.role, start, end, names.resolve(full, start) if names else full)


class _Inside:
    """The stretches that are read already; they do not overlap."""

    def __init__(self, stretches: list[tuple[int, int]]) -> None:
        self._stretches = sorted(stretches)
        self._starts = [start for start, _ in self._stretches]

    def __contains__(self, at: int) -> bool:
        place = bisect.bisect_right(self._starts, at) - 1
        return place >= 0 and at < self._stretches[place][1]


# Between 由 and the verb of a duty stands a body, whatever it is called (由财务及会计组主责).
_BY = regex(
    rf"由(?P<list>[{HAN}·、]{{2,40}}?)(?=(?:具体|共同|分别|统一)?(?:(?P<lead>牵头|主责|主办|统筹)|(?P<responsible>负责(?!人|同志)|承办|承担|实施|跟进|草拟)))"
)
_COUNTED = regex(
    rf"(?:会同|联合)(?P<list>[{HAN}]{{2,4}}(?:、[{HAN}]{{2,4}}){{1,9}}(?:[和与及][{HAN}]{{2,4}})?)(?:\d{{1,2}}|[二两三四五六七八九十])个(?P<head>街道|镇|乡|区|县|社区)"
)


def _by(masked: str, ends: set[int]) -> Iterator[_Found]:
    """Yield the bodies that only 由 and the verb behind them show, and places that a count sums up (甲、乙2个街道)."""
    for found in _BY.finditer(masked):
        if found.end("list") not in ends:
            role: Role = "lead" if found["lead"] else "responsible"
            yield from (item for item in _items(masked, *found.span("list"), role) if item.end not in ends)
    for found in _COUNTED.finditer(masked):
        at = found.start("list")
        for item in re.finditer("[^、和与及]+", found["list"]):
            yield _Found(at + item.start(), at + item.end(), "partner", found["head"])


# --- tables and labels: what stands in them is a unit, so its last word decides ---


def _tables(masked: str) -> Iterator[tuple[int, int, list[tuple[int, int, Role]]]]:
    """Yield each table with a row of heads, one of which gives a role: its span, and the cells below those heads."""
    if "|" not in masked and "\t" not in masked:
        return
    heads: dict[int, Role] = {}
    cells: list[tuple[int, int, Role]] = []
    first = last = 0
    for line in re.finditer(r"[^\n]+", masked):
        row = _cells(line)
        roles = _roles(masked, row)
        if heads and (roles or len(row) < 2 or line.start() > last + 1):
            yield first, last, cells
            heads, cells = {}, []
        if roles:
            heads, first = roles, line.start()
        elif heads:
            cells.extend((*row[at], role) for at, role in heads.items() if at < len(row))
        last = line.end()
    if heads:
        yield first, last, cells


def _cells(line: re.Match[str]) -> list[tuple[int, int]]:
    """Return the spans of the cells of a line; none where it is no row of a table."""
    words = line.group()
    bar = "|" if "|" in words else "\t"
    if bar not in words:
        return []
    spans, at = [], line.start()
    for cell in words.split(bar):
        spans.append((at, at + len(cell)))
        at += len(cell) + 1
    return spans


def _roles(masked: str, row: list[tuple[int, int]]) -> dict[int, Role]:
    """Return the roles that the cells of a row of heads give to their columns; none for another row."""
    short = ((at, masked[a:b].strip(" *")) for at, (a, b) in enumerate(row) if b - a <= 24)
    return {at: _role(found) for at, words in short if (found := _COLUMN.fullmatch(words))}


def _labelled(masked: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield each label, and where the list behind it ends."""
    labels = list(_LABEL.finditer(masked))
    for label, after in itertools.zip_longest(labels, labels[1:]):
        stretch = _STRETCH.match(masked, label.end(), after.start() if after else len(masked))
        if stretch and stretch.group().strip():
            yield label, stretch.end()


_STRETCH = regex(r"(?:\([^()\n]{0,12}\)|[^。;\n!?()\[\]【】|])*+")
_PIECE = regex(r"(?P<comma>,\s?)?(?P<words>[^、,\s/|;]+)")
_LOOSE = regex(
    rf"[{HAN}·()]{{0,28}}(?:[局委办厅部院会科室处股站所队县区市州镇乡村厂矿校场社组署馆]|〇{{3,}}|单位|部门|企业|机构|街道|政府|中心|公司|海关|"
    "[支分]行|集团|党组|领导|镇街|负责人|班子成员|书记|[区县市镇局]长|主任)"
)
_AND = regex("[和与及]")
_REST = regex(
    "(?:等(?:相关|有关)?(?:部门|单位)?)?(?:按照?职责分工)?(?:(?P<lead>牵头|主责|主办)|(?P<partner>配合|协助|协办|参与)|(?P<responsible>(?:具体)?(?:负责|落实|承办|实施))|(?P<supervisor>督导|督办|督促))?$"
)
_SHARED = regex(f"[{HAN}]{{1,16}}?[县区市州旗镇乡]〇*(?P<head>(?:人民)?政府|党委|党委政府)")


def _items(masked: str, start: int, end: int, role: Role) -> list[_Found]:
    """Return the units of a list; what is no unit there is left out."""
    found: list[_Found] = []
    for piece in _PIECE.finditer(masked, start, end):
        first, last, kind = *piece.span("words"), role
        note = _NOTE.search(masked, first, last)
        if note:
            kind, last = _role(note), note.start()
        rest = _REST.search(masked, max(first, last - 16), last)
        if rest:
            kind, last = _role(rest) if rest.lastgroup else kind, rest.start()
        for a, b in _split(masked, first, last):
            # Behind a comma the list may be over: there it has to be a name that would be found anywhere.
            if b - a > 1 and _LOOSE.fullmatch(masked, a, b) and (not piece["comma"] or _is_name(masked[a:b])):
                found.append(_Found(a, b, kind))
    head = next((m["head"] for item in reversed(found) if (m := _SHARED.fullmatch(masked, item.start, item.end))), "")
    return [replace(item, head=head) if head and masked[item.end - 1] in _PLACE_ENDS else item for item in found]


_PLACE_ENDS = "县区市州旗镇乡〇"


def _is_name(words: str) -> bool:
    return any(body.start == 0 and body.end == len(words) for body in find(words))


def _split(masked: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a piece, cut at 和 where what stands before it is a unit by itself."""
    for found in _AND.finditer(masked, start + 1, max(start + 1, end - 1)):
        if _LOOSE.fullmatch(masked, start, found.start()):
            yield start, found.start()
            start = found.end()
    yield start, end


# --- running text: the words on both sides of a list of names decide ---


def _chains(masked: str, found: list[Body]) -> Iterator[_Chain]:
    """Yield the names by lists: those with nothing but 、 or 和 between them are one."""
    group: list[Body] = []
    end = 0
    for body in found:
        if group and not _JOIN.fullmatch(masked, end, body.start):
            yield _Chain(tuple(group), group[0].start, end)
            group = []
        group.append(body)
        end = body.end
        if masked[end : end + 1] == "(" and (note := _NOTE.match(masked, end)):
            end = note.end()
    if group:
        yield _Chain(tuple(group), group[0].start, end)


def _worded(masked: str, chains: list[_Chain]) -> Iterator[_Found]:
    """Yield the units whose role the words around their list say."""
    for at, chain in enumerate(chains):
        before = chains[at - 1] if at else None
        after = chains[at + 1] if at + 1 < len(chains) else None
        role = _chain_role(masked, chain, before, after)
        head = ""
        for body in reversed(chain.items):
            note = _NOTE.match(masked, body.end) if masked[body.end : body.end + 1] == "(" else None
            mine = _role(note) if note else role
            if mine:
                shared = _SHARED.fullmatch(masked, body.start, body.end)
                head = shared["head"] if shared else head
                yield _Found(body.start, body.end, mine, head if body.sort == "place" else "")


def _chain_role(masked: str, chain: _Chain, before: _Chain | None, after: _Chain | None) -> Role | None:
    start, end = chain.start, chain.end
    left = _LEFT.search(masked[max(0, start - 14) : start]) if start and masked[start - 1] in _LEADS else None
    side = left.lastgroup or "" if left else ""
    if side in _BESIDE:
        role, needs = _BESIDE[side]
        return role if needs is None or needs.match(masked, end) else None
    if before and masked.startswith("牵头", before.end) and start == before.end + 2:
        return "partner"  # 由甲局牵头乙局、丙局
    acts = end
    if masked.startswith("等", end) and (etc := _ETC.match(masked, end)):
        acts = etc.end()
    then = acts
    if after and after.start - acts <= 4 and _JOINTLY.fullmatch(masked, acts, after.start):
        then = after.end  # 甲局会同乙局牵头
    if right := _RIGHT.match(masked, then):
        return _role(right)
    return "responsible" if _is_subject(masked, chain, acts, side) else None


# What the words before a list make of it, and the words that then have to stand behind it.
_BESIDE: dict[str, tuple[Role | None, re.Pattern[str] | None]] = {
    "with": ("partner", None),
    "beside": ("partner", _TOGETHER),
    "push": ("target", None),
    "asked": ("target", _AT_ONCE),
    "on": ("target", _TALK),
    "under": (None, None),
}


def _is_subject(masked: str, chain: _Chain, end: int, side: str) -> bool:
    """Return whether a list of names is said to act, or stands with a colon before what it is to do."""
    if side == "by":
        return not _NOT_BY.match(masked, end)
    if side == "ask":
        return True
    if _ACTS.match(masked, end):
        return bool(_EDGE.search(masked[max(0, chain.start - 6) : chain.start]))
    named = chain.items[-1].sort != "group"  # 监督单位： is a label
    return named and masked.startswith(":", end) and _heads_line(masked, chain.start, end)


_LEADS = frozenset("由受从求同合商促导成令谈了与请对的")


def _heads_line(masked: str, start: int, end: int) -> bool:
    """Return whether a list of names with a colon opens a line, and words follow: 二、市公安局：负责..."""
    line = masked.rfind("\n", max(0, start - 12), start) + 1
    if (not line and start > 12) or not _NUMBERED.fullmatch(masked, line, start):
        return False
    return bool(masked[end + 1 : end + 3].strip()) and masked[end + 1] != "\n"


def _placed(masked: str, starts: set[int]) -> Iterator[_Found]:
    """Yield the places that act or are acted on as a body does: 督促甲县落实."""
    for place in _PLACED.finditer(masked):
        role: Role = "target" if place["push"] else "responsible"
        at = place.start("places")
        for item in re.finditer("[^、和与及]+", place["places"]):
            if at + item.start() not in starts:
                yield _Found(at + item.start(), at + item.end(), role)
