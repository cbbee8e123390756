"""Names of bodies (局, 委, 办, 街道, 集团 ...): recognised by their last words, and found in running text.

A name in running text ends where one of `_ENDINGS` stands and begins behind the nearest of `_STOPS` to its left. Both
are tables of words for folded text: `[布格]局[长面]` is 局, but not behind 布 or 格 and not before 长 or 面.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.document import Span
from ingest.fold import fold
from ingest.regex import regex

# What the names of Chinese public bodies end with. Written for folded text.
SUFFIX = (
    "领导小组办公室|工作领导小组|领导小组|联席会议|指挥部|委员会|办公厅|办公室|人民政府|党委|党组|党工委|工委|管委会|政府|"
    "法院|检察院|监委|纪委|法制办|研究院|研究所|事务所|服务中心|中心|集团|公司|银行|总局|分局|支队|总队|大队|街道办事处|街道办|"
    "街道|总站|厅|局|委|办|部|院|会|处|科|所|站|署|[察查法究案秘]室|公所|馆"
)
_NAME = regex(rf"(?:中共|中国共产党)?[\u3400-\u9fff·（）()]{{1,28}}?(?:{SUFFIX})")
# Words that end like a body and are none.
_NOT = regex(
    "(?:全部|内部|外部|干部|部分部|机会|社会|大会|开会|会议|例会|现场会|到位|之处|好处|一部|局部|场所|所在|车站|网站|一会|与会)$"
)
# A name does not hold these: they belong to a sentence about it.
_VERB = regex(r"[的了是在将已把被并及或由使]|开展|落实|加强|关于|印发|[,，。；;:：]")


# Hong Kong's names join two subjects: 康乐及文化事务署. What stands before 及 is no body by itself.
_JOINED = regex(r"([\u3400-\u9fff]{2,12})及([\u3400-\u9fff]{2,12}[署局科组会])")


def is_body(words: str) -> bool:
    """Return whether `words` (folded, trimmed) are the name of one body and nothing else."""
    joined = _JOINED.fullmatch(words)
    if joined and not is_body(joined[1]):
        words = joined[1] + joined[2]
    return bool(_NAME.fullmatch(words)) and not _NOT.search(words) and not _VERB.search(words)


Sort = Literal["body", "group", "person", "place"]


@dataclass(frozen=True, slots=True)
class Body:
    """Who is named at `[start, end)`, and of which sort.

    A `body` has a name of its own, a `group` is a kind of bodies (有关部门), a `person` the holder of an office
    (局党组书记), a `place` stands for its government where others of a list say so (甲县、乙县政府). `core` is where
    the body ends inside a person's words; it is `start` where they name none.
    """

    start: int
    end: int
    core: int
    sort: Sort


# What is read as part of a name becomes this character: the bracket of 县(市、区), the 和 of 住房和城乡建设局.
_FILL = "〇"
HAN = "〇\u3400-\u9fff"  # the inside of a class of characters
_BRACKET = regex(r"\((?<=[市县区镇乡道村]\()[市县区州镇乡街道旗办团场社自治、]{1,8}\)")
_SERIES = regex("、[市县区州](?<=各[市县区州]、[市县区州])(?:、[市县区州])?(?=[人政〇])")  # 各县、市、区人民政府
_INNER_AND = regex(
    "[和与及](?<=(?:住房|管理|党委|资源|文化|工业|经济|发展|规划|林业|水利|民族|农业|水务|商务|出版|广播|体育|教育|气象|科技|信息|"
    "军人|安全|服务)[和与及])"
    "(?=城|社|旅|信|改|自|规|园|草|湖|宗|农|投|广|电|体|科|应|监|大数|政府|综合执法|综合行政)"
)

_ENDINGS = {
    "body": """
    [布格结大全变开破棋时当危困僵定残邮]局[长部面势限促域中外里] [客餐大展歌舞门前]厅[级局官堂里]
    委[员托派任屈婉实身委] 纪委监委 环督办 督察办 督查办
    [督承主举开交协创兴筹查包侦经新续补代试申可不能盯催承]办[理法公结案件事好学会实成证税班了得完到妥点文复贷酒发函字]
    组织部[门分] 宣传部[门分] 统战部[门] 武装部[门] 工作部[门署分] 项目部[门分] 工程部[门分] 事业部[门] 教育部[门]
    科技部[门分] 科学技术部 公安部[门] 民政部[门] 司法部[门] 财政部[门] 保障部[门分] 资源部[门分] 环境部[门分]
    建设部[门分署] 运输部[门分] 水利部[门分] 农村部[门分] 商务部[门] 旅游部[门] 国防部 外交部[门] 信息化部[门]
    安全部[门分] 铁道部 卫生部[门] 人事部[门] 支部[委书] 人社部[门] 社会工作部[门] 法院[系] 检察院[系] 国务院 研究院
    科学院 设计院 医院 卫生院 规划院 勘察院 勘测院 学院 敬老院 福利院 委员会 常委会 管委会 居委会 村委会 执委会 组委会
    联合会 协会 [会]商会 学会 研究会 基金会 理事会 董事会 监事会 总工会 [施手分职]工会 联席会议[制精上] 联席会议办公室
    指挥部 项目部 专班 领导小组[会议/成员/会] 领导小组办公室 领导小组办 工作组[织] 协调组 督导组 督察组 巡察组 巡视组
    督查组 调查组 核查组 检查组 监察组 考核组 调研组 专家组 攻坚组 纪检监察组 办公室 办公厅 人民政府[令网门公]
    政府[采购/性/投资/债/网/信息/令/购买/补/工作/会议/常务/第/引导/专/法/储备/规/门户/决/主导/资/奖/公/服务/部门/名义/各部门/有关/相关/系统/职/数字]
    党组[织/会/学习/理论] 党委[会/理论] 党工委 党总支 党支部 机关党委
    [以为市绕的核重]中心[城组镇村校环任工思内点线位区广地小学目标议法院大] 中心站 集团[化军] 集团公司
    公司[法/章程/制企/制改/治理/债/化] 银行[卡业账贷存间] 街道办事处 街道办[理] 街道[办两路社上和] 支队 大队 总队 中队
    消防队[伍员] 救援队[伍员] 执法队[伍员] 稽查队[伍员] 派出所 司法所 管理所 研究所 税务所 事务所 监管所 财政所 监测站
    管理站 服务站 推广站 监督站 总站 兽医站 管理处[罚] 办事处 管护处 事务处 服务处 代表处 建设处[罚理] 工务处
    交通处[罚理] 农业处 教育处[罚] 民政处 人事处[理] 财政处 社会处 计画处 秘书处 卫生处 文化处 行政处[罚分理置]
    主计处 政风处 环保处[罚] 地政处 观光处 公所 档案馆[藏] 图书馆[藏] 博物馆[藏] 文化馆 美术馆 科技馆 科技组
    事务组 会计组 公署 [部签暂布]署[名长] 审计署 海关[总] 支行
    分行 人大[代会常] 人大常委会 政协[委会] 妇联 工商联 残联 文联 科协 侨联 供销社 供销合作社 红十字会 党校 化工厂[区]
    水泥厂[区] 造纸厂[区] 机械厂[区] 砖厂[区] 制药厂[区]
    """,
    "group": """
    部门[预名] 单位[和预名产面制用] 企业[家名信职管标文] 机构[改编设建和职] 镇街 学校[教里] 县〇{3,} 区〇{3,} 市〇{3,}
    镇〇{3,} 乡〇{3,} 村〇{3,} 街道〇{3,}
    各区县 各县区 各乡镇[〇] 各镇街 各地 各地区 各区[县域市] 各县市区 各市县区 各市县
    各县市 各市州 各州市 各区市县 各县区市 各县[区〇市] 各市[场县州〇区] 各镇[街乡村〇] 各乡[村〇]
    """,
    "person": """
    负责人 负责同志 领导同志 分管领导 主要领导 责任领导 包案领导 牵头领导 副省长 副市长 副区长 副县长 副州长 副镇长
    副乡长 副局长 副主任 副书记 河长[制办] 林长[制办] 湖长[制办] 路长[制办] 省长 市长[江] 区长[江] 县长[江] 州长 镇长
    乡长[期] 局长[期] 厅长 处长 科长 站长 所长 院长 校长 主任 书记 班子成员
    """,
    # Only behind the name that it is part of: 区水利局水资源科.
    "part": "室[内外] 科[学技目普员长] 处[理罚置于分在长] 所[有在以需属长] [网]站[位点在长] 组[织成长建员合]",
}

# Words that lead to a name or act on it, and so are no part of it.
_STOPS = """
会同 联同
联合[会国] 配合 协助 协同 督促 责成 责令 约谈 督导[组室办] 督办[组室] 指导[中站组委办处局] 要求 组织[部委处科人]
协调[小组办处局中领] 召开 成立 设立 组建 发挥 推动 推进[办中组] 通过 依托 委托 聘请 邀请 提请 商请 致函 函告 报告 报送
上报 抄送 抄报 提交 交由 移交 移送 联系[会办] 对接 争取 支持 帮助 安排 参加 参与 进驻 反馈 牵头[领] 负责[人同] 主持
统筹 落实 贯彻 加强 强化 开展 印发 出台 制定 修订 建立 健全 完善 深化 实施 接受 受理 听取 收到 根据 关于 围绕 针对
以及 截至 目前 期间 同时 此外 其中 其他 其它 另外 涉及 包括 属于 位于 设在 纳入 列入 转交 转发 交办 派驻 来自 隶属
下属 认真 积极 及时 定期 全面 主动 进一步 不断 持续 切实 严格 充分 深入 着力 全力 大力 努力 坚持 确保 提升 提高 发现
查处 监督[管检局所委] 检查[组站院局室] 学习 宣传[部办处中教] 促进[会中局办委] 保障[局中部厅司处服事] 共同 具体 分别
统一 结合 过程中 工作中 会上 不得 应当 必须 需要 可以 能够 没有 召集 约见 通报 表彰 处罚 起诉 请示 申请 建议
督查[组室办] 送达 告知 沿线 领办 带头 确定 下达 最终 实现 举办 运行[维] 规范 自觉 遵守 探索 优化 建成 整合 紧盯 梳理
核查[组] 倒逼 引导 形成 做好 用好 接收 发动 提醒 履行 加大 发布[厅] 对照 参照 整改[办组工领专] 依法 打击 走访 新建
[大协共合会不相胡]同[志步济等德仁心安江意] 届 [前]后[勤湖海备] [日以]前[进锋海郭哨] 简称 统称 下称 按照 依照 承担 明确
核实 的 了 是 由 在 把 被 并[网] 使[馆领] 向[阳] 让 [供]给[排] 以 至 到 请 将 已 也 [成首于]都[江匀昌安] 均 就[业] 则
还 又 再[生] [人]才 仍 因 若 但 而 且 或 等 每 及 与 和[平田县顺林静政龙] 于[都田洪] 对[外口台] 为 经[济信贸营开]
从[化江] [数]据 按 其 有[限关] 未 不 无[锡为]
"""
_TABLE_WORD = regex(r"(?:\[([^\]]+)\])?([^\s\[\]]+)(?:\[([^\]]+)\])?")


def _pattern(*tables: str, backwards: bool = False) -> str:
    """Return the words of the tables as one alternation, the longest first; `backwards` for a text that is reversed.

    It begins by looking whether any word begins so, without which a search takes ten times as long.
    """
    words: dict[str, str] = {}
    for guards in _TABLE_WORD.findall(" ".join(tables)):
        before, word, after = (guard[::-1] if backwards else guard for guard in guards)
        if backwards:
            before, after = after, before
        behind = "".join(f"(?<!{guard}{word})" for guard in _guards(before))
        ahead = "".join(f"(?!{guard})" for guard in _guards(after))
        words[word] = f"{word}{behind}{ahead}"
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first.setdefault(word[0], []).append(words[word][1:])
    grouped = "|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in by_first.items())
    return f"(?=[{''.join(by_first)}])(?:{grouped})"


def _guards(listed: str) -> list[str]:
    """Return what a guard lists: single characters, or words where it has a stroke."""
    if "/" in listed:
        return [word for word in listed.split("/") if word]
    return [f"[{listed}]"] if listed else []


_END = regex(_pattern(*_ENDINGS.values()))
_SORT = {word: sort for sort, table in _ENDINGS.items() for _, word, _ in _TABLE_WORD.findall(table)}
_STOP = regex(f"[^{HAN}·]|{_pattern(_STOPS, backwards=True)}")
_LONGEST = 26  # characters; the longest names of the duty tables that were looked at have 24


def mask(folded: str) -> str:
    """Return the text as the grammar of names reads it; the length stays."""
    masked = _BRACKET.sub(lambda found: _FILL * len(found.group()), folded)
    masked = _SERIES.sub(lambda found: _FILL * len(found.group()), masked)
    return _INNER_AND.sub(_FILL, masked)


def bodies(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """Return where bodies are named in `text[start:end]`, in order, none inside another.

    Of the holder of an office only the body is returned (区水利局 of 区水利局局长). The names that share a head are
    returned one by one: 甲县、乙县 and 丙县政府.
    """
    end = len(text) if end is None else end
    spans = []
    for body in find(mask(fold(text[start:end]))):
        stop = body.core if body.sort == "person" else body.end
        if stop > body.start:
            spans.append(Span(start + body.start, start + stop))
    return spans


def find(masked: str) -> list[Body]:
    """Return whoever is named in a masked text, in order."""
    size = len(masked)
    backwards = masked[::-1]
    found: list[Body] = []
    for ending in _END.finditer(masked):
        word, last = ending.span()
        sort = _SORT.get(ending.group(), "group")
        stop = _STOP.search(backwards, size - word, min(size, size - word + _LONGEST))
        if stop is None and word > _LONGEST:
            continue
        begin = _begin(masked, size - stop.start() if stop else 0, word)
        before = found[-1] if found else None
        floor = before.end if before else 0
        if sort in ("person", "group"):
            exact = _FILL in ending.group() and word - begin <= 4  # 三个县(区)
            begin = max(begin, floor) if exact else _qualified(backwards, size - word, size - floor)
            if before and begin == floor and before.sort != "person":
                # It goes on from the body before: 市水务局 + 主要负责人, 市政府 + 有关部门.
                person = sort == "person"
                found[-1] = Body(before.start, last, before.core if person else last, "person" if person else "body")
            elif sort == "person":
                found.append(Body(begin, last, begin, "person"))
            elif begin < word or masked[word] == "各" or _FILL in ending.group():
                found.append(Body(begin, last, last, "group"))
        elif floor > begin and _continues(masked[floor:word]):
            # No stop since the body before: this is a part of it, 市政府 + 督查室.
            assert before
            found[-1] = Body(before.start, last, last, "group" if before.sort == "group" else "body")
        elif sort == "part" and _OWN_PART.fullmatch(masked, max(begin, floor), last):
            found.append(Body(max(begin, floor), last, last, "body"))
        elif sort == "body" and _named(masked, max(begin, floor), word, last):
            begin = max(begin, floor)  # a neighbour without a stop: 市委 + 市政府
            found.extend(_places(masked, backwards, floor, begin, last))
            found.append(Body(begin, last, last, "body"))
    return found


_OWN_PART = regex(f"[局委院厅][{HAN}]{{3,9}}[科室处]")  # of the body whose words these are: 局公用事业科
_HEADED = regex(f"[{HAN}]{{1,9}}?[县区市州旗镇乡]〇*(?:人民)?(?:政府|党委)")


def _places(masked: str, backwards: str, floor: int, begin: int, last: int) -> list[Body]:
    """Return the places before a body that share its head: 甲县、乙区 of 甲县、乙区、丙区政府."""
    found: list[Body] = []
    if not _HEADED.fullmatch(masked, begin, last):
        return found
    size = len(masked)
    while begin - 2 > floor and masked[begin - 1] in "、和与及" and masked[begin - 2] in "县区市州旗镇乡〇":
        end = begin - 1
        stop = _STOP.search(backwards, size - end, min(size - floor, size - end + 10))
        begin = _begin(masked, size - stop.start() if stop else floor, end)
        if not 2 <= end - begin <= 8:
            break
        found.append(Body(begin, end, end, "place"))
    return found[::-1]


# What stands before a kind of bodies or an office, and says which of them are meant.
_QUALIFIERS = """
各 各级 各有关 有关 相关 所有 全市 全区 全县 全省 市级 市直 市属 省级 省直 省属 区级 区直 区属 县级 县直 镇级 国有
重点 主管 行业 职能 成员 组成 责任 配合 牵头 施工 监理 建设 设计 运营 管理 监管 监督 产权 使用 直属 所属 下属 上级
下级 第三方 属地 地方 被审计 被巡察 被检查 审计 事业 企事业 党政 主要 分管 财务 直接 常务 党组 党委 党支部 党组织 纪委
领导 工作 本 该 辖区 其他 公安 司法 财政 教育 科技 民政 人社 自然资源 规划 生态环境 环保 住建 住房城乡建设 城管
城市管理 交通 交通运输 水利 水务 农业 农村 农业农村 林业 商务 文旅 文化 旅游 卫生 卫生健康 卫健 应急 应急管理 国资
市场监管 统计 税务 气象 消防 信访 医保 供电 电力 通信 纪检 监察 纪检监察 组织 宣传 政法 金融 招商 园林 人防 民族 宗教
体育 市 区 县 省 镇 乡 局 科室 班子 中层 督查 督察 执法 机关 内设 副 正 第一 级
"""
_QUALIFIER = regex(f"(?:{_pattern(_QUALIFIERS, backwards=True)}){{0,8}}")
_ALONE = {"领导小组", "领导小组办公室", "专班", "指挥部", "国务院", "纪委监委", "人大常委会"}
_LISTED = {"街道", "街道办事处", "街道办", "管委会"}
_OFFICE = "委府党外编国中改澳核长贫访制道建融信侨台防志龄拥火汛毒急安综治务态坚进商收迁违农明卫宗组督攻旅运大环班部"
_LEVELS = ("省", "市", "区", "县", "州", "镇", "乡", "局")


def _begin(masked: str, begin: int, word: int) -> int:
    """Return where a name begins, behind what its stop left over: 日 of 9月25日, 个 of 12个."""
    if begin and masked[begin - 1].isdigit():
        while begin < word and masked[begin] in "年月日时点个家名位余多次号期":
            begin += 1
    return begin


def _qualified(backwards: str, word: int, farthest: int) -> int:
    """Return where the words begin that qualify an office or a kind of bodies; offsets into the reversed text."""
    found = _QUALIFIER.match(backwards, word, max(word, farthest))
    return len(backwards) - (found.end() if found else word)


def _named(masked: str, begin: int, word: int, last: int) -> bool:
    """Return whether `[begin, last)`, which ends as a body does, can be the name of one."""
    if begin == word:
        return masked[word:last] in _ALONE or (begin > 0 and masked[begin - 1] == "、" and masked[word:last] in _LISTED)
    if masked[begin] == "全" and last - begin < 5:
        return False
    if masked[last : last + 1] in ("〔", "[", "【"):
        return False  # the code of a document's number: 青政办〔2024〕
    if last - word == 1 and masked[word] == "办":
        return masked[begin] in _LEVELS or masked[word - 1] in _OFFICE
    return True


def _continues(middle: str) -> bool:
    """Return whether a name goes on to another ending with `middle` between them."""
    return len(middle) <= 6 and not middle.startswith((*_LEVELS, "组成", "成立", "组建", "派出", "抽调"))
