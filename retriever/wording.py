"""Spoken wording of a question: how Cantonese and everyday speech ask, and what documents call it (folded text)."""

from __future__ import annotations

import re

# What asks in Cantonese, in the words that ask in writing; longer ones first.
_SPOKEN: tuple[tuple[str, str], ...] = (
    ("点解", "为什么"), ("做乜", "为什么"), ("边个部门", "哪个部门"), ("边个", "谁"), ("边间", "哪家"),
    ("边度", "哪里"), ("边一", "哪一"), ("边几", "哪几"), ("边啲", "哪些"), ("边些", "哪些"), ("几多", "多少"),
    ("几耐", "多久"), ("几时", "几时"), ("有冇", "有没有"), ("系咪", "是不是"), ("系唔系", "是不是"),
    ("点样", "怎样"), ("乜嘢", "什么"), ("乜野", "什么"), ("咩", "什么"), ("甚么", "什么"), ("而家", "现在"),
    ("搞掂", "完成"), ("未曾", "没有"), ("唔", "不"), ("冇", "没有"), ("嘅", "的"), ("喺", "在"), ("咗", "了"),
    ("啲", "些"), ("嗰", "那"), ("俾", "给"), ("畀", "给"), ("睇", "看"), ("佢", "它"), ("仲有", "还有"),
    ("仲", "还"),
)  # fmt: skip
_NOT_YET = re.compile(r"未(?=[?？]?$)|未(?=[,，])")
_SAID = re.compile("|".join(word for word, _ in _SPOKEN))
_WRITTEN = dict(_SPOKEN)

# What people say and how documents write it. Each pair is of one meaning wherever it stands in such a question.
_FORMAL: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(said), written)
    for said, written in (
        ("作废|失效|不管用|还管用|还有效|还算数", "废止 施行"),
        ("不准|不许|不让|不可以|禁止", "不得 禁止"),
        ("怎么办|怎么处[置理]|怎么罚|挨罚|处罚|后果|会怎[样么]|追究", "约谈 通报 问责 处罚 罚款 责令"),
        ("垫底|倒数|最后一名|排末尾", "末位 排名 靠后"),
        ("掏钱|出钱|谁出|花销|开销", "出资 承担 经费 资金"),
        ("动工|开建|开挖", "开工"),
        ("开工", "动工"),
        ("完工|盖好|修好|建好|建成", "竣工 完工 建成"),
        ("通车", "通行"),
        ("老小区|旧小区", "老旧小区"),
        ("电瓶车|电动车", "电动自行车"),
        ("着火|失火|起火|着了", "火灾"),
        ("小孩|娃娃?|孩子", "儿童 学生"),
        ("老人|老头", "老年人"),
        ("看病", "就医 诊疗"),
        ("上学", "入学 就读"),
        ("批下来|批好|批完", "审批 批复 办结 拨付"),
        ("开[^,?]{0,4}会", "会议 召开"),
        ("多久开|碰头", "会议 调度 例会"),
        ("打分|评分", "考核 评分 评价"),
        ("上报|交材料|递交|报给", "报送 提交"),
        ("投诉|告状|举报", "投诉 举报 信访"),
        ("降到|压到|减到|缩到", "降至 压减 控制 减至 缩短"),
        ("涨到|升到|提到|加到", "提高 增至 升至 达到"),
        ("欠[的了]?(?:钱|款|费)|欠费", "拖欠 欠缴"),
        ("追回|要回|收回", "追缴 收缴 追回"),
        ("拆了|拆掉|拆完", "拆除"),
        ("关了|关掉|关门", "关停 关闭"),
        ("招[来到]|请来|引来", "引进"),
        ("验收", "验收"),
        ("摘牌|划掉|销掉", "销号"),
        ("暗访|突击", "暗访 抽查"),
        ("复查|回头看", "回头看 复核"),
        ("拖期|拖了|误期|延误|晚了", "滞后 推迟 延期 逾期"),
        ("缺钱|没钱|钱没到", "资金 配套 未到位"),
        ("缺人|没人手|人手不够", "人手 人员 编制"),
        ("生效|起施|开始实行|开始执行", "施行 实施"),
        ("归档|存档", "档案"),
        ("下发|发文", "印发"),
        ("搬走|搬迁", "搬迁 迁出"),
        ("装好|装完|装上", "安装 加装"),
        ("捐|赞助", "捐赠"),
        ("盖章|签字", "签章 签署"),
        ("多大|多宽|多长", "面积 长度"),
        ("住户|居民", "业主 居民"),
        ("硬性|刚性", "约束性"),
        ("得标", "中标"),
        ("中标", "得标"),
        ("罚了|罚款|罚多少|挨罚", "罚锾 处罚 罚款"),
        ("没动手|没动工|没开始|没启动", "尚未 未启动 未开展"),
        ("卡在|卡住", "受阻 未能 尚未"),
        ("新规|修改前|修改后|改之前|改之后|改前|改后", "修改为 调整为"),
        ("挂号|预约", "预约"),
        ("关停|停办", "关闭 停业"),
        ("眼下|如今|还开着|营业", "现有 现运营 运营"),
        ("上牌", "登记 号牌"),
        ("想延期|要延期|延多久|展期", "顺延 延长 调整"),
        ("谁批|哪批|审批人", "同意 批准"),
    )
)  # fmt: skip


def written(words: str) -> str:
    """Return folded words of a question with Cantonese wording put into that of written Chinese."""
    return _SAID.sub(lambda found: _WRITTEN[found.group()], _NOT_YET.sub("没有", words))


def formal(words: str) -> str:
    """Return what documents call the things that folded words of a question say otherwise, "" where they do not."""
    found = [other for said, other in _FORMAL if said.search(words)]
    return " ".join(dict.fromkeys(word for other in found for word in other.split() if word not in words))
