"""Status: how far a measure and its task are, from the wording that says so."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.status import LEAST_ADVANCED, UNSTATED, Status, status, task_status
from ingest.when import When

# What the grammar was made with. The sentences are our own. Each part was labelled before the grammar had seen it; of
# what it stated then .96, .97, .87 and 1 was right, of what it should state .96, .97, .74 and .93, before what they
# showed was mended.
KNOWN = """
closed|已完成整改。
closed|该项任务已办结。
closed|3家企业已全部关停，厂房已拆除。
closed|改造资金逐户落实，11户已于9月底前全部搬入新居。
closed|完成了两座泵站的大修，目前运行正常。
closed|已于8月3日印发《物资管理办法》。
closed|截至9月20日，应退的28笔已全部退还。
closed|任务完成率100%。
closed|15座水库除险加固全部通过验收。
closed|12个小区均已完工。
closed|制定了巡查制度，明确了责任人。
closed|已清退多发的奖金。
closed|完成年度任务的110.5%。
closed|《管理办法》已修订完善并严格执行。
in_progress|剩余2个小区资料不全，正在补办手续，12月20日前完成移交。
in_progress|已完成土建工程量的35%。
in_progress|需补齐的12处空白区已补齐5处。
in_progress|8件未结案件中，有6件已结案。
in_progress|尚未完成竣工验收。
in_progress|该项目未按期完成。
in_progress|完成了方案设计和预算编制，将于12月底前完工。
in_progress|问题整改仍在推进。
in_progress|已移交7个，还剩4个。
in_progress|已启动招标程序。
in_progress|主体结构已封顶，正在进行室内装修，计划2025年6月底前交付。
in_progress|未达到序时进度。
in_progress|目前正督促企业抓紧建设。
in_progress|已提交区财政局，待划拨后立即支付。
in_progress|整改取得阶段性成效。
long_term|该项工作长期坚持。
long_term|持续推进岸线清理。
long_term|坚持每周巡查、每月排名。
long_term|常态化开展联合执法。
long_term|属于需长期整改的问题。
planned|拟于2025年3月启动。
planned|将于明年6月开工建设。
planned|预计2025年全面上线使用。
planned|力争2025年3月底前全部追回。
in_progress|设备已到货，即将投入使用。
planned|下一步，将完善评价指标。
planned|计划2026年新建泵站3座。
planned|目前尚未启动。
planned|2025年10月底前建成投用。
blocked|企业破产清算，故无法完成履约。
blocked|因征地受阻，工程停滞。
blocked|受资金影响，该项目暂缓实施。
unstated|加强日常监管，建立投诉台账。
unstated|将监督成果转化为治理效能。
unstated|对未按期缴纳罚款的当事人予以催缴。
unstated|查明未移交的小区11个。
unstated|对其中无力承担费用的62家给予补助。
unstated|全年未发生安全事故。
unstated|制定年度工作计划。
unstated|已完成的整改任务，着力巩固成果。
unstated|将任务落实到责任单位和责任人。
closed|上述问题已整改到位。
closed|涉及的5家单位已全部归还资金320万元。
closed|违建已拆除，场地已复绿。
closed|该线索已核查办结，群众表示满意。
closed|6月12日召开了警示教育会。
closed|两处漏点均修复完毕。
closed|规程已经市政府批准实施。
closed|整改销号工作全部结束。
in_progress|目前27户中已有19户签订协议。
in_progress|项目已开工，完成投资的六成。
in_progress|因手续未办结，仍未移交。
in_progress|正按序时进度推进。
in_progress|还有3家企业没有完成改造。
in_progress|土地平整已完成，绿化工程加紧施工。
in_progress|整改工作有序推进中。
in_progress|部分完成，其余正在协调。
in_progress|案件仍在审理。
in_progress|已解决118个，解决率93.7%。
long_term|建立长效机制，长期坚持、久久为功。
long_term|立足常态长效，持续加强监测。
long_term|持续做好管护工作。
planned|预计年底前交付。
planned|争取列入省级储备项目，拟于下半年启动前期工作。
planned|列入明年计划。
planned|将进一步压实责任。
planned|即将开展第三方评估。
planned|打算明年增设两处站点。
planned|确保2026年6月底前完工。
blocked|原业主失联，无法继续整改。
blocked|因涉诉，拆除工作已中止。
blocked|目前难以推进。
unstated|把已销号问题纳入抽查范围。
unstated|防止已整改的问题反弹。
unstated|对未安装的商户逐家上门。
unstated|开展“未批先建”专项检查。
unstated|将其作为考核依据。
unstated|明确完成时限和责任人。
unstated|杜绝类似问题再次发生。
closed|违规收取的费用已全额退还业主。
closed|已对两名责任人作出处理。
closed|该问题已完成整改并通过验收。
closed|三处排污口已封堵。
closed|相关制度已于6月底印发执行。
closed|病险水库除险加固工程已竣工验收。
in_progress|目前工程形象进度达到65%。
in_progress|剩余路段预计年底前贯通，现正进行路基施工。
in_progress|方案已报市政府审批，待批复后实施。
in_progress|18个村中已有12个村完成改厕。
in_progress|整改工作尚在进行。
in_progress|未能按期销号。
in_progress|已完成立项，正在办理用地手续。
in_progress|主体工程完工，配套设施加快建设。
in_progress|已拆除违建3处，另有2处仍在协商。
long_term|该问题需长期坚持整改。
long_term|常态化开展隐患排查。
long_term|持续抓好禁养区巡查。
planned|计划于2026年4月动工。
planned|拟采取特许经营方式建设。
planned|年内将全部更换到位。
planned|明年起逐步推广。
planned|尚未开工建设。
blocked|因规划调整，该项目已终止。
blocked|企业已注销，无法追缴。
unstated|进一步明确职责，压实责任。
unstated|对已关闭的矿山加强巡查。
unstated|把整改情况纳入年度考核。
unstated|按照已审批的方案组织施工。
unstated|开展专项检查，严厉打击违法行为。
unstated|未经批准不得擅自开工。
closed|2024年5月底已全部收回被占用的公房。
closed|问题已整改完毕，群众满意度明显提高。
closed|对3名失职人员进行了诫勉谈话。
closed|截至2024年9月末，涉及的42笔专项资金已全部拨付到位。
closed|两家企业均已安装在线监测设备并联网。
closed|目前该处堆场已清空，地面已硬化。
closed|已于4月12日完成整改，报区纪委备案。
closed|经核查，反映的问题已解决。
closed|新增停车泊位120个，已投入使用。
in_progress|已完成总工程量的78%，计划12月底前竣工。
in_progress|已收回欠款210万元，其余正通过司法途径追缴。
in_progress|可研报告已编制完成，正在申请立项。
in_progress|累计完成改造41公里，剩余9公里正在施工。
in_progress|该线路目前尚未贯通。
in_progress|用地手续仍在办理之中。
in_progress|已有6个村完成验收，还有4个村未完成。
in_progress|二期工程已进场施工。
in_progress|整改取得初步成效，但尚未彻底解决。
in_progress|按计划有序推进。
long_term|已纳入日常监管，长期坚持。
long_term|该任务属长期任务，持续推进。
long_term|坚持每月调度、每季通报。
planned|下步将对照标准逐项验收。
planned|预计明年一季度完工。
planned|拟纳入2026年城建计划。
planned|2025年12月底前全面完成。
planned|力争三年内实现全覆盖。
blocked|因土地性质问题，目前无法办理产权登记。
blocked|当事人下落不明，执行程序已中止。
unstated|对整改不力的单位严肃问责。
unstated|建立“日巡查、周通报”工作机制。
unstated|加强对已建成设施的运行维护。
unstated|督促未完成任务的乡镇加快进度。
unstated|将宣传教育贯穿始终。
unstated|重点检查在建工地扬尘防治措施。
unstated|避免出现无法追溯的情况。
"""
# Not looked at while the grammar was made: precision 1, recall .85.
UNSEEN = """
closed|剩余两户已于8月中旬全部搬离。
closed|该事项已办理完毕。
closed|已将违规占用的2处门面收回。
closed|制定并印发了考核细则。
closed|已完成整改销号手续。
in_progress|31个项目中，已有22个完工。
in_progress|污水管网建设完成进度72%。
in_progress|主体已完工，附属工程预计11月底前完成。
in_progress|手续仍在补办。
in_progress|尚有5家企业未安装在线设备。
in_progress|已启动第二批改造，正在入户调查。
in_progress|未按时限要求完成。
long_term|作为长期任务持续推进。
long_term|常态化推进“四不两直”检查。
planned|将在下半年组织验收。
planned|拟报市政府审定后实施。
planned|2026年3月底前全部建成。
planned|计划分三年实施。
blocked|资金链断裂，项目停滞。
blocked|涉及历史遗留问题，暂无法整改到位。
unstated|落实“一把手”负责制。
unstated|对已建成未验收的工程逐一梳理。
unstated|坚决防止已销号问题反弹。
unstated|确保按期完成整改任务。
unstated|严禁未验先投。
unstated|认真汲取教训，举一反三。
"""


def rows(table: str) -> list[tuple[str, str]]:
    """Return the kind and the words of each line of a table."""
    return [(kind, words) for kind, _, words in (line.partition("|") for line in table.strip().split("\n"))]


@pytest.mark.parametrize(("kind", "words"), rows(KNOWN))
def test_status_of_a_measure(kind: str, words: str) -> None:
    assert status(words).kind == kind


def test_status_of_measures_that_were_not_looked_at() -> None:
    read = [(kind, status(words).kind) for kind, words in rows(UNSEEN)]
    stated = [found == kind for kind, found in read if found != "unstated"]
    meant = [found == kind for kind, found in read if kind != "unstated"]

    assert sum(stated) / len(stated) >= 0.95
    assert sum(meant) / len(meant) >= 0.85


@pytest.mark.parametrize(
    ("words", "kind", "deciding"),
    [
        ("一是清点台账。二是37笔已于9月20日全部退还。", "closed", "已于9月20日全部退还"),
        ("制定了巡查制度。", "closed", "制定了"),
        ("平台2024年11月18日上线，比原计划晚。", "closed", "日上线"),
        ("目标60所。已建成35所。", "in_progress", "已建成"),
        ("三年开办120个，由市局牵头。已开办76个。", "in_progress", "已开办"),
        ("目标60所。已建成60所。", "closed", "已建成"),
        ("共改造621户，超出目标21户。", "closed", "超出目标"),
        ("2023年11月6日开工，计划2025年6月底前投用。目前主体结构完成七层。", "in_progress", "目前主体结构完成"),
        ("完成了方案设计，施工图正在审查。", "in_progress", "正在"),
        ("完成了方案设计，将于12月底前完工。", "in_progress", "将"),
        ("采暖季前无法施工，拟于明年3月启动。", "planned", "拟"),
        ("由市水务局牵头，2025年10月底前完成。", "planned", "2025年10月底前完成"),
        ("8件未结案件中有6件已结案。", "in_progress", "8件未结案件中"),
        ("完成工程量的35%。", "in_progress", "完成工程量的35%"),
        ("整改情況：正在辦理。", "in_progress", "正在"),
    ],
)
def test_the_wording_that_decides_is_quoted(words: str, kind: str, deciding: str) -> None:
    found = status(words)

    assert (found.kind, words[found.start : found.end]) == (kind, deciding)


@pytest.mark.parametrize(
    ("words", "kind", "deciding"),
    [
        ("一是14个小区均已开工。二是正在验收。该问题已销号。", "closed", "已销号"),
        ("已建立台账，已全部整改。该问题长期坚持。", "long_term", "长期坚持"),
        ("目标为全部清零。已处置八成。整改状态：滞后于序时进度。", "in_progress", "滞后于序时进度"),
        ("在2024年已上线17个事项的基础上，拟再上线12个。", "planned", "拟"),
        ("已疏浚两段。整改状态：持续推进，达到序时进度。", "in_progress", "达到序时进度"),
        ("已完成设计。该事项列入明年计划。", "planned", "列入"),
        ("先以加強巡查處理。此項建議須待修例後展開。", "planned", "須待修例後展開"),
        ("已发信64封。此项建议正在落实。", "in_progress", "正在"),
        ("一是已印发方案。二是已全部完工（正在验收）。", "in_progress", "正在"),
        ("整改状态：持续推进\n一是已印发方案。", "long_term", "持续"),
        ("本项任务由市水务局负责，已完成招标。", "closed", "已完成"),
    ],
)
def test_a_sentence_about_the_whole_matter_decides(words: str, kind: str, deciding: str) -> None:
    found = status(words)

    assert (found.kind, words[found.start : found.end]) == (kind, deciding)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("完成", "closed"), (" 已完成 ", "closed"), ("整改完成", "closed"), ("未完成", "in_progress"), ("未销号", "in_progress"),
        ("推进中", "in_progress"), ("正常推进", "in_progress"), ("达到序时进度", "in_progress"), ("完成80%", "in_progress"),
        ("长期坚持", "long_term"), ("未启动", "planned"), ("2025年底前", "unstated"), ("立行立改", "unstated"), ("", "unstated"), ("——", "unstated"),
    ],
)  # fmt: skip
def test_status_of_a_cell(cell: str, kind: str) -> None:
    assert status(cell).kind == kind


def test_the_day_of_which_it_speaks_is_read_where_it_is_stated() -> None:
    text = "截至2024年11月8日，52条措施中已落实45条。截至2024年13月8日，已完成。"

    assert status(text, 0, text.index("。")).as_of == "2024-11-08"
    assert status(text, text.index("。")).as_of is None
    assert status("截至10月25日，已完成整改。").as_of is None


def test_the_day_of_which_it_speaks_comes_from_the_times_of_the_text() -> None:
    text = "一、甲。截至10月25日，已完成整改。"
    times = [When("as_of", 4, 12, text[4:12], None, "2023-10-25", None, "2023 (本节)")]

    assert status(text, 4, times=times).as_of == "2023-10-25"
    assert status(text, 13, times=times).as_of is None


@pytest.mark.parametrize(("said", "kind"), [("2024-09-30", "unstated"), ("2024-09-29", "planned"), (None, "unstated")])
def test_a_day_that_is_past_says_nothing_of_a_plan(said: str | None, kind: str) -> None:
    text = "9月30日前安装率达到100%。"
    times = [When("by", 0, 6, text[:6], None, "2024-09-30", None, "2024 (本节)")]

    assert status(text, times=times, said=said).kind == kind


def test_a_task_is_as_far_as_its_least_advanced_measure() -> None:
    measures = [
        Status("closed", 0, 1),
        UNSTATED,
        Status("planned", 2, 3),
        Status("long_term", 4, 5),
        Status("long_term", 6, 7),
    ]

    assert task_status(measures) == Status("long_term", 4, 5)
    assert [task_status([Status(kind) for kind in LEAST_ADVANCED[at:]]).kind for at in range(5)] == list(LEAST_ADVANCED)
    assert task_status([UNSTATED]) == task_status([]) == UNSTATED


PIECES = st.sampled_from(
    "已 已完成 完成 了 到位 全部 正在 仍 尚未 未 按期 无法 将 将于 拟 预计 计划 力争 持续 长期坚持 下一步， 该问题 整改状态： 截至2024年5月1日 2025年 "
    "月底前 到2024年底 12处 5处 8件 中 有6件 占70% 35% 率 的 对 把 问题 企业 ， 。 ； \n 《 》 （ ） 甲 每季度 其余 還剩".split(
        " "
    )
)


@given(st.lists(PIECES, max_size=40).map("".join), st.integers(0, 20), st.integers(0, 20))
def test_the_span_lies_in_what_is_read(text: str, head: int, tail: int) -> None:
    start, end = min(head, len(text)), max(min(head, len(text)), len(text) - tail)

    found = status(text, start, end)

    if found.kind == "unstated":
        assert found == UNSTATED
    else:
        assert found.start is not None and found.end is not None
        assert start <= found.start < found.end <= end


@given(st.text())
def test_any_text_is_read_without_an_error(text: str) -> None:
    status(text)


@pytest.mark.parametrize(
    "piece",
    [
        "月前",
        "【已",
        "该问题",
        "到2024年",
        "到今年已",
        "已",
        "已1个",
        "1%",
        "完成1%",
        "对",
        "将",
        "待",
        "12处已补齐",
        "《",
        "目前已1个",
        "中有1",
        "甲",
    ],
)
def test_no_words_make_a_pattern_run_away(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    status("已完成")
    begin = time.process_time()

    status(text)

    # A tenth of that on the machine it was measured on; what runs away takes minutes.
    assert time.process_time() - begin < 2
