"""Kinds of value that a question can ask for, and where they stand in a text. All patterns read folded text."""

from __future__ import annotations

import re
from typing import Literal

from ingest.regex import regex

Kind = Literal[
    "date", "period", "frequency", "number", "percent", "money", "body", "person", "name", "docno", "contact", "reason",
    "status", "basis", "list", "measure", "permission",
]  # fmt: skip

_CN = "〇○零一二两三四五六七八九十百千万亿"
# Bounded: of a long run of digits each place would be tried with each other one.
NUMERAL = rf"(?:\d[\d,.]{{0,20}}|[{_CN}]{{1,12}})(?:[余多]|[百千万亿]){{0,4}}"
_DAY = rf"(?:\d{{1,2}}|[{_CN}]{{1,3}})\s*[日号]"
_MONTH = rf"(?:\d{{1,2}}|[{_CN}]{{1,2}})\s*月(?:份)?"
_PART = r"[底初末]|[上中下]旬"  # of a month
_COUNTER = "[个项条件家次名人户处座台份批期轮辆所片段艘只头张间宗起例栋幢盏棵株支枚届款亩吨倍岁周]|[公千]?[克米里瓦]"
_YEAR = rf"(?:\d{{3,4}}|[{_CN}]{{3,4}}|[今明去当本上同次])\s*年"  # three numerals: a year of the Republic
_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏"
    "钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "戚卫苗谷柏窦章云葛奚滕殷毕安卞齐伍卜平和穆姚祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝阮蓝席季麻强娄童颜盛刁骆樊凌霍"
    "虞柯管卢卓莫房解应宗丁宣邓单杭洪包诸左石崔吉钮嵇邢滑裴陆荣翁荀羊惠甄曲家封储靳井富巫乌焦巴弓牧山宓蓬全班仰仲伊宫宁仇"
)
# Surnames that are verbs as well: 副市长包抓, 局长任组长.
_VERBS = (
    "包[案保抓联干挂片村点户]|任[组副局主常职]|明[确年]|应[当急]|解[决释]|成[立员]|管[理护]|方[可能]"
    "|时[任间]|于(?:当|每|今|次)|万[元吨人户亩千公平立个套美张条处]"
)
_NAME = rf"(?!{_VERBS})[{_SURNAMES}] ?[\u3400-\u9fff]{{1,2}}"
# No part of a longer word; a duty may follow: 副市长王明包案.
_ALONE = r"(?:(?![\u3400-\u9fff])|(?=包案|包保|负责|牵头|带队|主持|联系|分管|挂帅|担任|督办|任|同志))"
_BODY_ENDS = (
    "领导小组|联席会议|指挥部|委员会|办公厅|办公室|政府|党委|党组|法院|检察院|纪委|监委|研究院|中心|集团|公司|银行|支队|大队|街道|"
    "[市县区省州厅科处]局|[^\\s、,。]局|专班|巡察组|巡视组|督察组|工作组|检查组|村委会|社区|"
    # With the words before: neither what asks for a 部门 nor a role (责任单位) is the name of one.
    "(?<!有)(?<!相)(?<!哪)(?!有关|相关|哪个|哪些|什么|多个|牵头|责任|配合|主办|承办|协办|成员|督[导办]|关各|个)"
    "[\u3400-\u9fff]{2}(?:科室|单位|部门|机构(?!改革|编制)|机关(?!事务|党|干部|作风|工作|食堂|团体|法人))"
)

PATTERNS: dict[Kind, re.Pattern[str]] = {
    "date": regex(
        rf"{_YEAR}\s*(?:{_MONTH}\s*(?:{_DAY}|{_PART})?|[底初末]|[上下]半年|第?[一二三四1-4]季度?)?"
        rf"|{_MONTH}\s*(?:{_DAY}|{_PART})?"
        r"|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|(?<![\d.])\d{1,2}·\d{1,2}(?!\d)"
        rf"|(?:[每当次下]个?月|每季度?[^,。]{{0,4}}月)\s*{_DAY}"
        r"|(?:年|月|季度|汛期|期)[底末初]?(?:前|之前|以前)"
        r"|[今明]冬明?春|十[一二三四五]五(?:期间|时期)?|近期|立行立改|立即|当日|次日"
    ),
    "period": regex(
        rf"(?<![月\d])(?!(?:19|20)\d\d\s*年){NUMERAL}\s*(?:个?(?:工作日|自然日|日|天|小时|分钟|周|星期|季度|年)|个月|月(?=[以之]?内))"
        r"(?:内|以内|之内|前|后|以上)?"
    ),
    "frequency": regex(
        rf"每隔?(?:{NUMERAL})?个?[半双两单]?(?:日|天|周|旬|月|季度?|年|次|学期|小时)"
        r"|逐[日周月季年]|[日周旬月季年]度?(?:调度|报告|通报|计划|检查|报|例会)"
        rf"|[一半]?[日周月季年]度?(?:不少于|至少)?[{_CN}\d]+次|定期|随时|常态化|不定期"
    ),
    # A count: no part of a date, no ordinal, no 一 of 任何一个 or 统一, unless it limits: 以一次为限, 限养一只.
    "number": regex(
        r"(?<![第\d.])\d[\d,]*(?:\.\d+)?[余多]?[百千万亿]*(?![\d.]|\s*[年月日号])"
        rf"|(?<![第{_CN}])(?:[{_CN}]{{2,}}|[二两三四五六七八九十])[余多]?(?=(?!个月){_COUNTER})"
        rf"|(?<=[以限养仅只过])一(?=(?!个月){_COUNTER})"
    ),
    "percent": regex(rf"\d[\d.]*\s*(?:%|‰|个百分点)|百分之[{_CN}点]+|[{_CN}\d]成(?![立为员果效])|\d[\d.]*倍"),
    "money": regex(
        rf"{NUMERAL}\s*(?:美元|欧元|港元|元|亿|万(?=元|[^\u3400-\u9fff]|$|以[上下内]|左右|[多余用补由的投给至到和或及]))"
    ),
    "body": regex(
        rf"(?:{_BODY_ENDS})|"
        r"由[\u3400-\u9fff]{2,14}?[厅局署组科处队](?!长)|"
        r"[厅委办部院会署局组科处室站队校社](?=[、,。;)及和与对在向将已负按牵会同根:主草拟追审统分协须 |]|$)"
    ),
    "person": regex(
        "书记|局长|主任|组长|县长|区长|市长|负责人|负责同志|领导班子|领导|处长|科长|院长|主席|委员|专员|联系人|专人"
    ),
    # Somebody by name: behind an office or a title, or named to one.
    "name": regex(
        rf"(?:书记|局长|主任|组长|县长|区长|市长|处长|科长|院长|校长|主席|委员|经理|联系人|负责人)[::]?\s*{_NAME}{_ALONE}"
        rf"|(?:联系人|负责人)[::].{{0,24}}?[\s,]{_NAME}{_ALONE}"
        rf"|{_NAME}(?:[\s,:(]{{1,4}}(?:电话[::]?)?\d{{3,4}}-?\d{{4,8}}|同志|先生|女士|任(?:组|局|处|主)|担任)"
    ),
    "docno": regex(
        r"[\u3400-\u9fff]{1,8}[〔\[(]\d{4}[〕\])]\s*第?\d+号|第\d+号|[a-z]{2,}(?:/[a-z0-9]+)+|(?:文号|字号)[::]"
    ),
    "contact": regex(
        r"(?<!\d)(?:0\d{2,3}[-—() ]{0,2}\d{7,8}|1[3-9]\d{9}|\d{7,8}|\d{5,6})(?!\d)|"
        r"[\w.-]+@[\w-]+\.[\w.]+|(?:地址|地点)[:：]"
    ),
    "reason": regex(
        "因(?!此)|由于|原因|所致|系.{0,8}(?:导致|造成|引起)|受.{1,14}(?:影响|限制|制约)|为[了].{2,}|鉴于|考虑到"
        "|主要考虑|(?:结果|手续|审议|审查|鉴定|评估|诉讼|协议)[^,。;]{0,6}前[,]?(?:暂|先?不)|[须需尚有]待"
        "|待[^,。;]{2,20}(?:后|再)|[出完定批][^,。;]{0,6}前,?(?:暂|不[得能予宜])"
    ),
    "status": regex(
        "已|完成|完工|竣工|销号|办结|结案|正在|推进|尚未|未|即将|持续|长期|拟|计划|预计|投产|投入使用|运行|达标|落实|启动|"
        "建成|整改到位|无法|暂缓|滞后|超期|通过|取得|达到|率|开展了|全部|废止|失效|施行"
    ),
    "basis": regex(
        rf"《[^》]+》|[〔\[]\d{{4}}|[a-z]{{1,4}}\d*/?t?\s*\d+(?:[-.—]\d+)*|根据|按照|依据|依照|标准|第[{_CN}\d]+条"
        rf"|依[^,。;、]{{2,24}}(?:法|条例|办法|要点|规则|准则|规范|会议|决议|裁示|批示|指示|精神|部署)"
    ),
    # What a rule lets people do, or not.
    "permission": regex(
        "可以|均可|方可|不得|不可|不准|应当?(?![急对用])|有权|禁止|严禁|准予|允许|不予|不再|无需|不需|免[于予除]?|必?须|适用|不承担|不受|限于|为限|除外"
        "|(?<![取获所])得(?!到|分|知|益|出)"
    ),
    "list": regex("、|;|”[和与及]“|包括|分别|一是|如下|下列|以下[^。]{0,12}:|其中"),
    # What is to be done, or was: a list of it, or one act.
    "measure": regex(
        "、|;|包括|分别|一是|如下|下列|以下[^。]{0,12}:|其中|不得|不予|不再|予以|给予|应当?(?:[^用急有]|$)|必须|采取|通过|移送|责令|约谈|通报|追究|取消|暂停|"
        "收回|停止|实行|建立|由.{1,20}(?:负责|承担|处理|实施)|可以|委托"
    ),
}

# Somebody by name, office or none: a name that is no part of a longer word, or one that is half hidden (李某某).
SOMEBODY = regex(rf"{PATTERNS['name'].pattern}|(?<![\u3400-\u9fff\d]){_NAME}{_ALONE}|[{_SURNAMES}]某")


_NO_NAMES = frozenset(("公司", "街道", "社区", "中心", "政府", "局"))  # 哪家公司 names none


def holds(kind: Kind, text: str, known: frozenset[str] = frozenset()) -> bool:
    """Return whether folded `text` holds a value of `kind` that is not among the `known` ones (of the question)."""
    if not known:
        return PATTERNS[kind].search(text) is not None
    return any(found.group().strip() not in known for found in PATTERNS[kind].finditer(text))


def values(kind: Kind, text: str) -> frozenset[str]:
    """Return the values of a kind that folded `text` holds; 哪个部门 names no body."""
    return frozenset(found.group().strip() for found in PATTERNS[kind].finditer(text)) - _NO_NAMES
