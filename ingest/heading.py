"""What a heading is to the ledger: a matter or a group of them, how work was organised, next steps, or none of these.

All patterns read folded text.
"""

from __future__ import annotations

import functools
import re
from typing import Literal

from ingest.regex import regex
from ingest.status import StatusKind

Standing = Literal["matter", "organisation", "outlook", "aside"]

# Words of which headings are made that say of what kind the section is, and not what is to be done.
_FILLING = regex(
    r"(?:(?:19|20)\d{2}年?|上半年|下半年|本年度?|年度|全年|\d+|主要|重点|重大|具体|总体|整体|有关|相关|各项|几项|若干|下一步|下一阶段|下步|今后|"
    r"后续|当前|目前|近期|整改|整治|巡察|巡视|督察|督查|审计|检查|专项|反馈|交办|履职|履责|工作|目标|任务|事项|问题|措施|举措|情况|内容|要求|"
    r"落实|进展|推进|完成|开展|安排|打算|计划|思路|方向|努力|部署|分工|分解|清单|台账|一览表?|存在|发现|的|不足|困难|短板|薄弱|环节|建议|意见|"
    r"成效|成果|做法|亮点|经验|体会|及|和|与|以及|责任|原因|分析|如下|是|一|二|三|年|月|组织|实施|步骤|时间|保障|履行|职责|主体|阶段|"
    r"总结|回顾|结果|表|附|本|我|局|市|区|县|[、,:\s])++"  # possessive: words of these words can be cut in many ways
)
# A title that is made of such words only, but begins with a verb and does not end with such a noun, says what is done.
_VERB = regex(r"落实|推进|完成|开展|履行|实施|组织(?!领导|保障|实施|情况)")
_NOUN = regex(
    r"(?:情况|进展|成效|成果|安排|打算|计划|思路|步骤|措施|举措|任务|要求|方案|分工|清单|阶段|工作|内容|问题|结果)$"
)
# A section of this name that holds no items says how things stand, what was learnt or what it costs.
_BACKGROUND = regex(
    r"(?:(?:[一二三四五六七八九十]|几|\d)[点条])?(?:主要|经验|典型|特色|创新)?(?:做法|经验|体会|看法)$|总的看法|家底|底数|现[状况]|难[处点]|困难|^存在的?(?:主要)?(?:不足|差距|短板)|缘[由起]|背景|"
    r"(?:法律|政策|法规|计划|工作|编制)?依据$|(?:资金|经费|费用|财务)(?:使用|安排|来源|筹措|保障|分担|管理|测算|概算|预算|情况)*$|投资估算|共性问题|原因(?:分析)?$"
)
_GROUP = regex(r"方面$|方面的?(?:问题|情况|工作|任务)$")
# What is listed under a heading that says how far it has got: 未开工的项目(1件), 已完成整改问题12个.
_STATES: tuple[tuple[StatusKind, re.Pattern[str]], ...] = (
    ("closed", regex(
        r"(?<![未没])(?:已经?|提前|按[时期]|全部|如期){1,2}(?:完成|办结|销号|整改|解决|完工|建成|落实)|^完成整改|^整改到位"
    )),
    ("planned", regex(r"(?:尚|暂|还)?未(?:开工|启动|动工|开始|实施|开展)")),
    ("in_progress", regex(
        r"(?:正在|仍在|持续|加快|有序)(?:推进|办理|整改|实施|建设)|(?:推进|办理|整改|实施|建设)中|超序时|达到?序时|滞后|落后|进[展度](?:缓慢|较慢)|基本完成"
        r"|(?:尚|暂|还)?未(?:按[时期])?(?:完成|办结|销号|整改|达)"
    )),
    ("long_term", regex("长期(?:坚持|推进|整改)?")),
)  # fmt: skip
_LISTED = regex(
    r"(?P<state>[^,。;:]{2,16}?)"
    r"(?:的(?:整改|民生|重点)?(?:项目|任务|事项|问题|工作|指标)|(?:整改)?(?:项目|任务|事项|问题)(?=\(?(?:共|计)?\d))"
    r"(?:\(?(?:共|计)?\d{1,3}[个项件条]\)?)?"
)
_ORGANISATION = regex(
    r"组织(?:领导|保障|实施|机构|情况|推进)|(?:保障|组织)(?:措施|机制)|工作(?:保障|组织)|(?:加强|强化)(?:领导|保障)$|"
    r"履行.{0,10}主体责任|^(?:主要|工作)?做法$|^(?:工作|推进|保障)机制$|主体责任(?:落实)?情况|(?:工作|有关|相关)要求$|步骤$"
)
_OUTLOOK = regex(
    r"下一?步|下一?阶段|(?:今后|后续|下一年度?).{0,4}(?:打算|安排|计划|工作|整改|措施|思路|一段)|努力方向|(?:打算|设想)$|"
    r"(?:下半年|明年|来年|下季度).{0,6}(?:安排|打算|计划|工作|重点|任务|思路)"
)
_NEXT_YEAR = regex(r"((?:19|20)\d{2})年.{0,8}(?:安排|打算|计划|思路|重点|设想|工作)$")
_ASIDE = regex(
    r"(?:指导思想|(?:^|基本|工作|总体)原则|总体(?:要求|目标|思路|情况|进展|考虑|安排)|(?:工作|基本|发展)思路|现状|形势|背景|意义|"
    r"(?:较好|突出|先进)的?(?:单位|地区|部门)|总体进度|\(供参考\)|(?:适用|整治|检查|实施|申报|补助|受理)范围|(?:申报|补助|奖补|支持|资助)(?:条件|材料|对象|标准|方式)|拨付方式|联系方式|基本情况|概况|(?:编制|工作|制定)依据|(?:^|工作|主要|行动|发展|阶段|预期|总体|具体|防治|任务|年度)目标|目标要求|名词解释|术语|总则|附则)$"
)
# An attachment that lists things, and no work.
_LIST = regex(r"(?:名单|目录|名录|清单|一览表|通讯录|联系方式|样表|样式|模板|格式|示意图|流程图|标准|文本)$")
_WORK = regex(r"任务|问题|责任|整改|措施|分工|项目|工作|事项|职责|计划|台账")


def standing(title: str, year: int | None, *, listed: bool) -> Standing:
    """Return what a heading at the top of an outline is to the ledger.

    Args:
        title: its folded words without the label.
        year: the year that the document is about; what a heading plans for a later one is outlook.
        listed: whether it is the heading of an attachment or a part, which may list things instead of work.
    """
    bare = "".join(title.split())
    coming = _NEXT_YEAR.search(bare)
    if _OUTLOOK.search(bare) or (coming and year is not None and int(coming[1]) > year):
        return "outlook"
    if _ORGANISATION.search(bare):
        return "organisation"
    if _ASIDE.search(bare) or (listed and _LIST.search(bare) and not _WORK.search(bare)):
        return "aside"
    return "matter"


def is_background(title: str) -> bool:
    """Return whether the folded title of a section without items is none of a matter (家底, 依据, 资金, 几点做法)."""
    return bool(_BACKGROUND.search("".join(title.split())))


def says_what(title: str) -> bool:
    """Return whether the folded title of an item says what is to be put right or done, not only of what kind it is."""
    bare = title.strip()
    if not bare or _GROUP.search(bare) or state_of_all(bare):
        return False
    return not _FILLING.fullmatch(bare) or (bool(_VERB.match(bare)) and not _NOUN.search(bare))


@functools.lru_cache(maxsize=1024)  # a heading stands over many matters
def state_of_all(title: str) -> StatusKind | None:
    """Return how far all have got that stand under a heading, by its folded title, None where it says no one state."""
    listed = _LISTED.fullmatch("".join(title.split()))
    found = [kind for kind, said in _STATES if listed and said.search(listed["state"])]
    return found[0] if len(found) == 1 else None


_PROBLEM = regex(
    r"不(?:够|到位|足|严|实|力|高|全|深|强|好|规范|及时|健全|明显|扎实|完善|彻底|精准|落实|清|畅|准|细|紧|平衡|充分|协调|合理|良|新|勤)|未|没有|差距|短板|"
    r"薄弱|弱化|虚化|淡化|老化|滞后|缺(?:口|失|位|乏|少|陷)|短缺|问题|偏[软低慢差高弱重]|漏洞|反弹|走过场|流于形式|盲区|空白|时有发生|隐患|违规|拖欠|"
    r"[低慢难差弱]$"
)


def states_problem(title: str) -> bool:
    """Return whether the folded title of a matter says what is wrong (台账不全), not what is done about it."""
    return bool(_PROBLEM.search(title))


def is_enumerated(words: str, *, last: bool) -> bool:
    """Return whether the folded words of an item are a part of one sentence that goes on over several lines."""
    return len(words) <= 80 and "\n" not in words and (last or words.endswith((";", ",", "、")))
