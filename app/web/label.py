"""What the page says, in one place (Simplified Chinese)."""

from __future__ import annotations

NAME = "督办"
TAGLINE = "问文件：谁负责、何时完成、进展如何"

TAB_ASK = "问答"
TAB_DOCUMENTS = "文档"
CONVERSATION = "对话"

WELCOME = "想查什么？"
WELCOME_HOW = "用平常的话提问。答案后面有编号，点一下就打开原文，并标出答案所在的那句话。"
WELCOME_EXAMPLES = "可以这样问"
WELCOME_KINDS = ("由谁牵头、谁配合", "什么时候完成", "进展如何、有哪些措施", "依据是哪份文件")
HELD = "已收录 {count} 份文档，在“文档”里可以查看全文。"
EMPTY = "还没有文件"
EMPTY_HOW = "先把文件放进来，再回到这里提问。在命令行运行："
EMPTY_COMMAND = "duban ingest 文件夹"
EMPTY_THEN = "完成后刷新本页。"

QUESTION = "问题"
QUESTION_HINT = "输入问题，回车发送"
SEND = "发送"
NEW = "新对话"
SEARCHING = "正在查找……"
QUESTION_CUT = "……（共 {count} 字）"

CLOSEST = "文件没有直接写明"
NONE = "没有找到答案"
FAILED = "没有答成"
FAILED_INSIDE = "程序出错，这个问题没有答成。请再试一次；仍不行时，把服务器窗口里的记录交给管理员。"
SOURCES = "出处"
NEAREST = "最接近的原文（不是答案）"
MISSING = "没有写明："
AS_OF = "截至 {date}"
OPEN_SOURCE = "看原文：{title}"
TO_SOURCE = "看原文"

FIELDS = {
    "lead": "牵头单位",
    "responsible": "责任单位",
    "partner": "配合单位",
    "supervisor": "督导单位",
    "target": "被督促对象",
    "unit": "责任单位",
    "responsibility": "责任单位",
    "deadline": "完成时限",
    "date": "日期",
    "status": "进展情况",
    "measure": "措施",
    "basis": "依据",
    "compare": "可比的数据",
    "count": "数量",
    "number": "数量",
    "list": "具体名单",
}

CITATION_AT = "引用 {at} / {count}"
NEAREST_AT = "最接近的原文 {at} / {count}"
WHOLE = "全文"
PREVIOUS = "上一条"
NEXT = "下一条"
CLOSE = "关闭"
SOURCE = "原文"
SOURCE_GONE = "打不开原文"
STALE = "这条引用属于已经结束的对话，请重新提问。"
UNTITLED = "（无标题）"

FILTER = "查找文档"
FILTER_HINT = "按标题、发文机关、文号或文件名查找"
DOCUMENTS = "共 {count} 份文档"
DOCUMENTS_FOUND = "找到 {found} 份，共 {count} 份文档"
DOCUMENTS_MORE = "只列出前 {shown} 份，请输入更多字缩小范围。"
DOCUMENTS_NONE = "没有符合的文档。"
CHUNKS = "{count} 段"
UNNUMBERED = "文号未写明"
UNDATED = "日期未写明"
