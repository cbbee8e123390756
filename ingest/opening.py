"""Where a time may begin: the patterns that the reader of times searches a text with.

All are written for folded text. Each repetition is bounded, so that their time grows with the text and no faster.
"""

from __future__ import annotations

from ingest.moment import BLANK, DIGITS, HOLIDAY, NUM, SEASON, SEP
from ingest.regex import regex

_CN = "〇零○一二三四五六七八九十百两廿卅"
INNER = "[部容设控外涝河审地在涵需参业生卷]"  # 内 that is no 以内: 年内部, 内容
_NO_YEAR = f"{DIGITS}几数多半学近整"  # before 年底 and 年内: 三年内, 学年末
_NO_MONTH = f"{DIGITS}几数多半个本上下当同次每"

# A number with a unit of time, with a figure after a dash, or a Five-Year Plan.
_NUMBER = (
    rf"(?=[0-9{_CN}])(?P<number>(?<![{DIGITS}千万亿])(?<![0-9]/)(?:[0-9]{{1,8}}|[{_CN}o]{{1,7}}){BLANK}(?:"
    r"(?P<unit>[年月日天周季]|个(?=工|半?月|小|星|自|日|季)|工(?=作)|小(?=时)|分(?=钟)|星(?=期)|自(?=然))"
    rf"|(?<=[0-9]{{4}})[./](?=[0-9]{{1,2}}[./][0-9])|{SEP}{BLANK}[0-9第{_CN}]"
    r"|(?<=五)(?:[”\"’」』]|规划|时期|期|末|以来|开局|收官)))"
)
# A word before a moment that says how it is meant. 达到, 提高到2024年的水平 set no limit.
_PREFIX = (
    rf"(?=[自从截到至最不])(?P<prefix>截(?:[至止][到至]?)?(?={BLANK}[0-9{_CN}今去上本当目现此“年月民中])"
    rf"|[自从](?={BLANK}[0-9{_CN}今去明本上下当次同即年春夏秋冬入民中“]|[^自从。;\n]{{1,40}}?日起)"
    r"|(?:(?<![达收看得感受降升增回遇找接压迟提前做办签送拿报调减高低])到|(?<=[期延迟长续留止限])至|最[迟晚][于在]?|不[迟晚]于)"
    rf"(?={BLANK}[0-9{_CN}今明本下次年月民中“]))"
)
# 平均每年, 每户每年120元 are rates, and so is nothing of 每平方公里.
_EVERY = (
    r"(?=[每按])(?P<every>(?:(?<![人户吨亩辆家均头只])|(?<=[责任导]人))每(?=[隔半两0-9一二三四五六七八九十个工日天星周旬月季年学小])"
    r"|按(?=[日周旬月季年半]))"
)
_SERIES = (
    rf"(?P<series>(?<![{DIGITS}千万今本上下全当次每去明前后近多数几整往隔末首个生节假同历季半])(?:半月|半年|[日周旬月季年])度?"
    r"(?=调度|通报|报告|会商|研判|督|巡查|排查|检查|考核|评|排名|分析|小结|总结|例会|点评|晾晒|公示|更新|清零|计划))"
)
_MOMENT = (
    r"(?P<moment>[今本去上明来下当同次翌](?=年|月|一年|半年)|前(?=[二两三23]个?季度)|第(?=[一二三四1-4][^。]{0,5}季度)"
    rf"|[“\"‘「『](?=[{_CN}]{{1,3}}五)|(?<![{_NO_YEAR}])年[底末初](?![中步])|{SEASON}|{HOLIDAY})"
)
# A day, a week, a quarter that is told from another one.
_DAY = (
    r"(?P<day>(?<![首多一二两三层每])次日|[当同翌]日|(?:当|第二)天(?!然)|今\([0-9]{1,2}\)日|(?<!自)即日起"
    r"|[本上下]周(?![期边围转密全年末知到])[一二三四五六日]?|(?<!以)[本上下]季度[末底]?)"
)
# The end of a month, a part of a month, and nothing says of which.
_LOOSE = (
    rf"(?P<loose>(?<![{_NO_YEAR}])年内(?!{INNER})|(?<![{_NO_MONTH}])(?:(?:月[底末初]|季度?[末底])(?![部线数步审])"
    rf"|(?:月|季度?)内(?!{INNER}))|(?<!月)[上中下]旬)"
)
_LONG = (
    r"(?=[长持常])(?P<long>长期(?:坚持|推进|整改|任务|保持|落实|抓)|持续(?:推进|整改|坚持|落实|抓)|长抓不懈|常态长效"
    r"|常态化(?=开展|推进|坚持|抓|落实|运行|排查|巡查|整治|整改|监管|执法|调度|督查|检查|进行|管理"
    r"|[ ]*(?:[|,。;)\n]|$))"
    r"|(?<=[|\t\n: ])(?:长期|持续)(?=[ ]*(?:[|\n]|$)))"
)
_NOW = r"(?P<now>立行立改|立查立改|即知即改|即行即改|即查即改|边查边改|边督边改|立即(?:整改)?|马上)"
_HALF = r"(?P<half>半(?=个?[年月小天日]))"
_CALENDAR = r"(?P<calendar>(?:中华)?民国(?=[ 0-9元一二三四五六七八九十])|农历|阴历|夏历)"

# The first characters of all of them: without this look-ahead the search takes ten times as long.
_FIRST = (
    f'0-9{_CN}自从截到至最不每按日周旬月季年今本去上明来下当同次翌前第“"‘「『春夏秋冬主凌汛入枯丰采供森防禁休雨旱'
    "元清端中国重双暑寒高即民农阴长持常立边马半"
)
OPENING = regex(
    f"(?=[{_FIRST}])(?:"
    + "|".join((_NUMBER, _PREFIX, _EVERY, _SERIES, _MOMENT, _DAY, _LOOSE, _HALF, _CALENDAR, _LONG, _NOW))
    + ")"
)

TO = regex(rf"(?:(?:起|开始){BLANK},?)?{BLANK}{SEP}{BLANK}")
NOW = regex(rf"{BLANK}(?:目前|当前|现在|今日?|此时)(?:为止)?")

# Dates that lost their marks: 202536日; what then follows the year (1025日, the blank 月 日 of a form) and the month
# (a blank 日, 25 without its 日); a year without its 年 before a month.
RUN = regex(r"(?:19|20)[0-9]{3,6}日")
LOST_MONTH = regex(r"[ _×x*]{0,8}月[ _×x*]{0,8}日|[ ]{0,3}[0-9]{3,4}日")
LOST_DAY = regex(r"[ _×x*]{0,8}日(?=[,。;、)前起至止内\s]|$)|[0-9]{1,2}(?=[,。;、)\s前起止]|$)")
STRAY = regex(r"(?<![0-9])(?:19|20)[0-9]{2}[ /-]{1,2}$")

DAYS = regex(
    rf"(?P<low>{NUM}){BLANK}(?:日?{SEP}{BLANK}(?P<high>{NUM}){BLANK})?日(?![游龄均常报产间夜程照历志式用益新内])"
)
OTHER_CALENDAR = regex(
    rf"(?:(?:中华)?民国{BLANK}(?:元|[0-9]{{1,3}}|[{_CN}]{{1,7}}){BLANK}年"
    rf"(?:{BLANK}{NUM}{BLANK}月(?:{BLANK}{NUM}{BLANK}日)?)?"
    rf"|(?:农历|阴历|夏历)(?:[{_CN}甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥]{{1,4}}年)?"
    rf"(?:[正腊冬]|{NUM})月(?:初?{NUM}|廿{NUM})?日?"
    rf"|(?:[0-9]{{1,3}}|[{_CN}]{{1,7}}){BLANK}年{BLANK}{NUM}{BLANK}月(?:{BLANK}{NUM}{BLANK}日)?)"
)
