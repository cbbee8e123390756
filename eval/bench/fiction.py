"""Invented policy documents with questions about them: a corpus of any size, the same for a seed on every machine.

No place, body, river or figure in it exists. Each document is a work plan or report of one place on one subject; what
is asked stands in one item of it. Half of the questions name the project, which stands in the item; the others name
the place, which stands in the title alone, and the matter, in words that partly are not those of the item.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

_FIRST = "岚汀青苇澄沅曲栖鹿枫砚溯芷棠澜渚荻菱莳筠箬榆桐柘檀芦蒲荷葵萍苔雁鹭鸥鹤莺鹂鲤鳞磐砾硖岫峦崖岑漪渌沣泠洄浔"
_SECOND = "浦川陵溪泽坪垣埠墟津渡洲塘坞冲湾畈埭堰塬峪沟岗台堡寨营屯桥亭阁庄集"
_KIND = ("区", "县", "市")
_WHAT = ("河", "湖", "片区", "园区", "水库", "街", "港", "林场")
_BODIES = (
    "生态环境局", "水务局", "住房城乡建设局", "农业农村局", "交通运输局", "城市管理局", "自然资源局", "应急管理局",
    "教育局", "卫生健康委", "民政局", "发展改革委", "工业和信息化局", "市场监管局", "林业局", "文化和旅游局",
    "财政局", "审计局",
)  # fmt: skip
_SUBJECTS = (
    "水污染防治", "大气污染防治", "城市更新", "乡村建设", "安全生产", "营商环境", "养老服务", "义务教育", "森林防火",
    "食品安全", "交通治堵", "节水", "固体废物治理", "巡察整改", "审计整改", "河湖长制", "数字政务", "文物保护",
)  # fmt: skip
# A matter, how its item says it, and how somebody asks about it who does not have the document before him.
_MATTERS = (
    ("污水管网改造", "新建和改造污水管网{n}公里，消除管网空白区{m}处", "污水管子"),
    ("排污口整治", "对{n}个入河排污口逐一溯源、编码、立牌，取缔{m}个", "往河里排水的口子"),
    ("老旧小区改造", "改造老旧小区{n}个，加装电梯{m}部", "老小区翻修"),
    ("农村厕所革命", "改造农村户用卫生厕所{n}户，新建公厕{m}座", "农村改厕"),
    ("扬尘治理", "对{n}处在建工地安装在线监测设备，责令停工整改{m}处", "工地灰尘"),
    ("燃气管道更新", "更新老化燃气管道{n}公里，更换立管{m}根", "煤气管老化"),
    ("校舍加固", "完成{n}所学校校舍抗震加固，拆除危房{m}处", "学校危房"),
    ("养老床位建设", "新增护理型床位{n}张，改建社区食堂{m}家", "老人床位"),
    ("电动自行车充电桩", "新建充电端口{n}个，清理违规停放点{m}处", "电瓶车充电"),
    ("黑臭水体治理", "清淤{n}万立方米，补种水生植物{m}亩", "臭水沟"),
    ("高标准农田建设", "建成高标准农田{n}亩，修复沟渠{m}公里", "好田建设"),
    ("森林防火道建设", "贯通防火隔离带{n}公里，增设瞭望塔{m}座", "防火隔离"),
    ("企业开办一窗通办", "将{n}个事项并入一个窗口，办理时间压缩到{m}个小时", "开公司手续"),
    ("危险化学品排查", "排查企业{n}家，发现隐患{m}处", "危化品检查"),
    ("断头路打通", "打通断头路{n}条，改造路口{m}个", "不通的路"),
    ("文物建筑修缮", "修缮文物建筑{n}处，安装消防设施{m}套", "古建筑维修"),
    ("生活垃圾分类", "建成分类投放点{n}个，配备督导员{m}名", "垃圾分开扔"),
    ("医疗废物处置", "为{n}家医疗机构配齐暂存间，查处违规{m}起", "医院垃圾"),
)
_ASKED = (
    ("{x}{y}是谁牵头的？", "{x}{y}哪个单位负责？", "{x}的{y}归哪家管？"),
    ("{x}{y}什么时候完成？", "{x}{y}几时弄完？", "{x}的{y}要求哪天之前办好？"),
    ("{x}{y}一共做了多少？", "{x}{y}的数量是多少？"),
)
_FRAME = (
    "各乡镇（街道）、各有关单位要把这项工作列入重要议事日程，主要负责同志亲自抓，分管负责同志具体抓，做到任务到岗、责任到人。",
    "坚持问题导向和目标导向相统一，注重标本兼治，防止一阵风，杜绝以文件落实文件、以会议落实会议。",
    "各成员单位每月底前把进展情况报送专班办公室，专班办公室汇总后通报。对进度滞后的，予以提醒；连续滞后的，予以约谈。",
    "统筹使用各级资金，严禁截留挪用；拓宽社会资本参与渠道，做到花钱问效、无效问责。",
    "通过村居公开栏、广播和新媒体宣传有关政策，畅通群众反映问题的渠道，及时回应关切。",
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the span of the item that answers it; `named` says that it names the project."""

    text: str
    start: int
    end: int
    named: bool


@dataclass(frozen=True, slots=True)
class Fiction:
    """A document and questions about it."""

    name: str
    text: str
    questions: tuple[Question, ...]


def documents(seed: int) -> Iterator[Fiction]:
    """Yield 80,000 documents (1.3 million chunks), no two of one place; the first are the same however many follow."""
    names = len(_FIRST) ** 2 * len(_SECOND)
    for number, place in enumerate(random.Random(seed).sample(range(names), names)):
        yield _document(random.Random(f"{seed}/{number}"), f"{number:06}.txt", _place(place))


def _place(number: int) -> str:
    number, second = divmod(number, len(_SECOND))
    return "".join((*(_FIRST[at] for at in divmod(number, len(_FIRST))), _SECOND[second], _KIND[number % len(_KIND)]))


def _document(draw: random.Random, name: str, place: str) -> Fiction:
    year, subject = draw.randint(2019, 2025), draw.choice(_SUBJECTS)
    title = f"{place}{year}年{subject}工作方案"
    purpose = f"为做好{place}{subject}工作，结合实际，制定本方案。"
    lines = [title, "", purpose, "一、总体要求", draw.choice(_FRAME), "二、重点任务"]
    length = sum(len(line) + 1 for line in lines)
    questions = []
    for number, matter in enumerate(draw.sample(_MATTERS, draw.randint(10, 16)), start=1):
        project = draw.choice(_FIRST) + draw.choice(_SECOND) + draw.choice(_WHAT)
        item = f"{number}.{project}{matter[0]}。" + _item(draw, place, year, matter[1])
        questions.append(_question(draw, place, project, matter, length, length + len(item)))
        lines.append(item)
        length += len(item) + 1
    day = f"{year}年{draw.randint(1, 12)}月{draw.randint(1, 28)}日"
    lines += ["三、保障措施", *draw.sample(_FRAME, 2), f"{place}人民政府办公室", day]
    return Fiction(name, "\n".join(lines) + "\n", tuple(questions))


def _item(draw: random.Random, place: str, year: int, words: str) -> str:
    lead, second, third = draw.sample(_BODIES, 3)
    done = words.format(n=draw.randint(3, 900), m=draw.randint(2, 90))
    due = f"{year}年{draw.randint(3, 12)}月底前"
    return draw.choice(
        (
            f"{due}，{done}。由{place[-1]}{lead}牵头，{place[-1]}{second}、{third}配合。{draw.choice(_FRAME)}",
            f"{done}，{due}完成。牵头单位：{place[-1]}{lead}；责任单位：{place[-1]}{second}、{third}。{draw.choice(_FRAME)}",
            f"{place[-1]}{lead}要会同{second}、{third}，{done}，确保{due}全部完成并通过验收。{draw.choice(_FRAME)}",
        )
    )


def _question(
    draw: random.Random, place: str, project: str, matter: tuple[str, str, str], start: int, end: int
) -> Question:
    form, named = draw.choice(draw.choice(_ASKED)), draw.random() < 0.5
    words = form.format(x=project, y=matter[0]) if named else form.format(x=place, y=draw.choice(matter[::2]))
    return Question(words, start, end, named)
