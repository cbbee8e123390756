"""What readers see for the words of the ledger: statuses, roles, kinds, answers and flags in Chinese."""

from __future__ import annotations

STATUS = {
    "closed": "已完成",
    "in_progress": "推进中",
    "long_term": "长期坚持",
    "planned": "计划中",
    "blocked": "受阻",
    "open": "未完成",
    "unstated": "未载明",
}
ROLE = {"lead": "牵头", "responsible": "责任", "partner": "配合", "supervisor": "督导", "target": "被督促"}
KIND = {"task": "事项", "organisation": "组织工作", "outlook": "下一步", "responsibility": "职责"}
OVERDUE = {"yes": "已逾期", "no": "未逾期", "unknown": "无法判断"}
RESULT = {"agreed": "一致", "differs": "不一致", "not_listed": "文件未逐项列出"}
RULE = {
    "sum": "分项之和",
    "rate": "完成率",
    "rows": "台账事项数",
    "areas": "方面数",
    "again": "前文同一数字",
    "status": "按文字推断",
}
FIELD = {"status": "进展", "deadline": "期限", "lead": "牵头单位"}
_FLAG = {
    "unstated": "{}未写明",
    "differs": "正文与分工表的{}不同",
}
_FLAGGED = {
    "task": "事项", "lead": "牵头单位", "responsible": "责任单位", "partner": "配合单位", "supervisor": "督导单位",
    "deadline": "期限", "status": "进展",
}  # fmt: skip
_DEADLINE_FLAG = {
    "impossible": "日期不存在", "damaged": "日期残缺", "reversed": "起止颠倒", "before_document": "早于成文日期",
    "superseded": "已调整",
    "year_unknown": "年份不明", "month_unknown": "月份不明", "ambiguous": "有两种读法", "unread": "不是可识别的时间",
    "calendar": "非公历纪年", "unresolved": "指代不明",
}  # fmt: skip


def flag(name: str) -> str:
    """Return a flag of a task in words; one that has none is shown as it is."""
    if name == "repeats":
        return "与正文事项重复"
    field, _, what = name.partition("_")
    if field == "deadline" and what in _DEADLINE_FLAG:
        return f"期限{_DEADLINE_FLAG[what]}"
    if what in _FLAG and field in _FLAGGED:
        return _FLAG[what].format(_FLAGGED[field])
    return name
