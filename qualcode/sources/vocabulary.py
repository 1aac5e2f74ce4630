"""Words that tell a speaker's label from speech: roles, phrases, heads of files."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words of sentences, not of names; those of one letter ("I", "a") may be labels.
SENTENCE_WORDS = _words("""
    he she it we they you me him her us them said says say saying thought think like is was were are
    am be been do does did have has had will would can could should this that these those there here
    what when where why how which who so but because if then well yeah yes no not okay ok oh um uh
    my your his its our their about just very
    hey hi hello please thanks right sure
""")
FIRST_WORDS = _words("at by from since until around for with as after before during")
"""Words that no name begins with."""
NO_NAMES = _words("""
    note notes nb ps example examples first second third firstly secondly finally lastly also anyway
    however therefore question answer questions result results summary conclusion point problem
    reason warning tip remember sorry honestly basically actually look listen right see ie eg http
    https date time address location venue duration length title project file recording recorded
    transcript transcription transcriber transcribed language version topic subject participants
    attendees present date/time start end page keywords speakers kind style
    background introduction intro context setting abstract overview observation observations comment
    comments memo memos method methods discussion appendix references notation legend key part chapter
    section heading subject re cc bcc from to sent phone email tel fax url doi isbn
    datum ort dauer zeit hinweis anmerkung fecha lugar duración nota notas data luogo lieu durée remarque
    дата время место примечание תאריך מקום הערה التاريخ المكان الوقت ملاحظة
    monday tuesday wednesday thursday friday saturday sunday january february march july september
    october november december
    例如 譬如 比如 註 注 备注 備註 日期 時間 时间 地點 地点 題目 题目 主題 主题 標題 标题
    錄音 录音 長度 时长 時長 檔案 文件 首先 第一 第二 第三 另外 結果 结果 所以 但係 但是
    即係 即是 問題 问题 語言 语言 出席 與會者 原因 結論 结论 總結 总结 背景 優點 优点 缺點 缺点 重點 重点
    好處 好处 壞處 坏处 理由 目的 目標 目标 方法 其他 其次 最後 最后 第四 第五 意思 答案 結局 结局 關鍵 关键
""")
RESERVE = _words("me them you question answer frage antwort pregunta respuesta pergunta resposta domanda risposta")
"""Words that are labels only where a file has no other."""

METADATA = re.compile(
    r"(?:date|time|place|location|venue|duration|length|title|project|file(?: ?name)?|recording(?: \w+)?"
    r"|transcri(?:pt|ption|ber|bed)(?: \w+)?|language|version|topic|participants|attendees|present|date/time"
    r"|participant (?:id|no|number|name)|interview (?:date|no|number|id|with|location|length)|pseudonym"
    r"|(?:訪問|訪談|访问|访谈)?(?:日期|編號|编号|地點|地点|時間|时间)"
    r"|題目|题目|主題|主题|錄音.*|录音.*|長度|时长|時長|檔案|語言|语言|出席)",
    re.IGNORECASE,
)
NUMBERED_HEADING = re.compile(
    r"(?:part|theme|topic|section|chapter|session|day|week|interview|scene|track|tape|phase|step|point|option"
    r"|figure|table|appendix|task|tip|rule|reason|number|teil|thema|kapitel|parte|tema)"
    r"\s*(?:#|no\.?\s*)?(?:\d{1,3}|[ivx]{1,4}|[a-f]|one|two|three|four|five|six|seven|eight|nine|ten)",
    re.IGNORECASE,
)
"""What parts of a text are called that nobody speaks under."""

HEADINGS = _words("""
    speaker name who person participant turn role actor sprecher person hablante nombre locuteur
    講者 说话人 說話人 發言人 发言人 姓名 名字
""")
"""What the column of speakers is called in the head of a table."""

SPEECH_VERBS = ("話", "說", "说", "講", "讲", "道", "係", "是", "想", "覺得", "觉得", "問我", "问我")
"""What a Chinese phrase before a colon ends in when it is speech: ‘he said:’."""

INTERVIEWER = re.compile(
    r"(?:the\s+)?(?:interviewers?|researcher|moderator|facilitator|research assistant"
    r"|int\.?|intv|intvr|interv|ivr|iv|mod|q|question|frage|pregunta|pergunta|domanda"
    r"|enquêteur|enquêtrice|intervieweu(?:r|se)|animat(?:eur|rice)|chercheur|chercheuse"
    r"|interviewerin|interviewende[rn]?|interviewleit(?:er|ung|erin)|moderation|forscher(?:in)?|entrevistadora?"
    r"|investigadora?|intervistatore|intervistatrice|pesquisadora?|ricercatore|ricercatrice|moderadora?"
    r"|moderatorin|modérat(?:eur|rice)|onderzoeker|intervjuare|haastattelija|badacz(?:ka)?|görüşmeci|araştırmacı"
    r"|интервьюер|исследователь|модератор|интерв[’']юер|дослідни(?:к|ця)|מראיין|מראיינת|חוקר|חוקרת|מנחה"
    r"|الباحث|الباحثة|المحاور|المحاورة|مصاحبه[\u200c ]?گر|پژوهشگر|साक्षात्कारकर्ता|शोधकर्ता|ผู้สัมภาษณ์|pewawancara"
    r"|peneliti|người phỏng vấn"
    r"|訪問員|訪問者|訪問人|访问人|訪談人|访谈人|採訪人|采访人|面試官|面试官|提問者|提问者"
    r"|訪員|訪談者|訪談員|访问员|访问者|访员|访谈者|访谈员|主持|主持人"
    r"|研究員|研究员|研究者|采访者|採訪者|記者|记者|問|问|聞き手|インタビュアー|면접자|연구자)"
    r"(?:\s*(?:no\.?\s*)?[-#_]?[\d一二三]{1,2}|[ _-][A-C])?(?:\s*[(（\[].*[)）\]])?",
    re.IGNORECASE,
)
INTERVIEWER_TITLE = re.compile(
    r"(?:interviewer(?:in)?|researcher|moderator(?:in)?|facilitator|research assistant)\s+(?=[^\W\d])", re.IGNORECASE
)
"""What stands before the name of one who asks: ``Interviewer Ana``."""
MAYBE_INTERVIEWER = re.compile(
    r"host|evaluator|investigator|enumerator|field ?worker|journalist|reporter", re.IGNORECASE
)
"""Roles of those who ask where nobody else is said to; elsewhere they may be those who are asked."""
PARTICIPANT = re.compile(
    r"(?:the\s+)?(?:participant|interviewee|respondent|informant|student|teacher|subject|resp\.?|part\.?|pt|a|p|ie"
    r"|ans|answer|antwort|respuesta|resposta|risposta|user|patient|befragter?(?: person)?|interviewte[rn]?|tn"
    r"|teilnehme(?:r|rin|nder?|nde)|proband(?:in)?|expert(?:e|in)|entrevistad[oa]|participante|informante|intervistat[oa]"
    r"|enquêtée?|interviewée?|répondante?|geïnterviewde|deelnemer|respondente?"
    r"|респондент(?:ка)?|участни(?:к|ца)|информант|מרואיין|מרואיינת|משתתף|משתתפת|المشارك|المشاركة|المبحوث"
    r"|참가자|응답자|受訪者|受訪人|被訪者|受访者|被访者|參加者|参加者|參與者|参与者|學生|学生|答)"
    r"(?:\s*(?:no\.?\s*)?[-#_]?[\d一二三四五六七八九十]{1,3}|[ _-][A-Z])?",
    re.IGNORECASE,
)
GROUPS = re.compile(
    r"(?:(?:the|all|both|several|some|other|another|multiple|many|unknown|unidentified|male|female)\s+){0,3}"
    r"(?:participants?|respondents?|interviewees?|informants?|speakers?|students?|teachers?|voices?|man|woman|men"
    r"|women|person|people|group|audience|everyone|everybody|all|both|chorus)(?:\s*[#-]?\d{1,2})?",
    re.IGNORECASE,
)
"""Who speaks where nobody is told apart; neither an interviewer nor a participant of their own."""

EVENTS = re.compile(
    r"(?:laugh|chuckl|giggl|cough|sigh|pause|silence|crosstalk|cross talk|inaudible|unintelligible|music"
    r"|noise|applause|overlap|interrupt|phone|end of|start of|redacted|笑|停頓|停顿|沉默|聽不清|听不清).*",
    re.IGNORECASE,
)
"""What transcribers put in square brackets that is nobody's name."""
