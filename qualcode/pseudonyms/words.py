"""Words that finding names needs: ordinary words that are names, titles, endings, scripts of Chinese names."""

from __future__ import annotations

NAMES_THAT_ARE_WORDS = frozenset(
    """
    abbey amber angel april art august aurora autumn basil baker bank bay bell berry bill blake bliss bloom blossom
    blue bond brook brown buck bush butcher carol case chance charity chase chip christian clay cliff close coral
    cook crystal daisy dale dean dawn day dick dolly dot drew duke earl eve faith fan fern field fisher flora
    florence ford forest fox frank free gay gene ginger glen gold good grace grant gray green hall harmony hay hazel
    heather hill holly holy honey hope house hunter iris ivory ivy jack jade jasmine jay jean jet jewel jo job joy
    july june justice king lake lane lark laurel law lee liberty lily long love lucky lucky major march mark mason
    max may melody mercy miles mill miller miner mine misty moon moss nick noble norm north oak olive page pat park
    patience patty pearl peg penny peter pierce pleasant poppy pope porter price prince prudence queen rain raven
    ray read reason reed rich rick river rob robin rock rocky rod rose rosemary ruby rusty sage sally sandy shepherd
    sharp sky smart son song spring star sterling stone storm strong summer sunny sue swan tab taylor temple terry
    tiffany tracey trinity troy true van victor viola violet virginia wade walker wells west white will willow wills
    winter wise wood woods woody wren young an ah so man ho he to me in on go do dong fun hang hung hong kin long
    lung mo pang ping pong shing sing sit sum sun sung tang tong wan was we wing wish wong yes you
    """.split()  # noqa: SIM905
)
"""Names that are ordinary words as well: found where they are written with a capital, and never replaced unseen."""

CAPITALISED = frozenset(
    """
    i im ive id ill ok okay monday tuesday wednesday thursday friday saturday sunday january february march april
    may june july august september october november december mr mrs ms miss dr prof professor sir madam god internet
    english chinese cantonese mandarin japanese korean british american european german french spanish italian asian
    interviewer interviewee interview participant researcher moderator facilitator respondent speaker unknown
    inaudible hey hmm mm mhm mmhm mm-hmm uh-huh uh um er erm ah oh aha huh wow hi hello bye thanks thank please
    sorry sure right laughter crosstalk pause question answer yes no yeah well so and but the a it we you they he
    she that this there
    """.split()  # noqa: SIM905
)
"""Words that have a capital inside sentences and name nothing."""

OPENERS = frozenset(
    """
    can could did do does had has have is was are were be been am may might must shall should will would how what when
    where who whom whose why which then than thus if or nor in on at by to of off up out my our his her its their your
    me him us them let lets not now one two none just like maybe perhaps also because since for from with without into
    go get got all any some most many more much each every other another such only even still yet again once here
    these those sometimes often always never anyway anyhow actually basically usually mostly later after before until
    while though although however otherwise instead besides meanwhile especially finally first second last next
    """.split()  # noqa: SIM905
)
"""Ordinary words with which sentences begin: with a capital there, none of them is a slip for a name."""

TITLES = ("Mr", "Mrs", "Ms", "Miss", "Mx", "Dr", "Prof", "Professor", "Sir", "Madam", "Auntie", "Uncle", "Coach")
HAN_TITLES = (
    "先生|小姐|女士|太太|老師|老师|校長|校长|主任|教授|醫生|医生|博士|經理|经理|律師|律师|同學|同学|阿姨|叔叔"
    "|姐姐|哥哥|師傅|师傅|婆婆|伯伯|[Ss]ir|[Mm]iss|生|太|姐|哥|叔|姨|伯"
)
"""What stands behind a surname in Chinese; the longer first."""

SURNAMES = frozenset(
    "陳陈張张李王黃黄劉刘林吳吴楊杨周蔡何許许鄭郑郭謝谢馬马曾葉叶羅罗朱梁鄧邓馮冯趙赵徐孫孙胡高袁江潘彭方石"
    "韓韩沈姚盧卢譚谭莫蕭萧蘇苏崔丁魏程呂吕傅宋唐杜蔣蒋余于鍾钟溫温龔龚麥麦鄺邝黎翁甘簡简游關关區区尹岑霍"
    "歐欧侯施邵夏洪熊賴赖雷賀贺錢钱顧顾范戴薛湯汤汪白秦葛邱丘柯鄒邹陸陆金"
)
NO_NAMES = frozenset(
    """
    學生 学生 先生 醫生 医生 新生 女生 男生 師生 师生 人生 出生 發生 发生 產生 产生 高生 衛生 卫生
    花生 陌生 太太 方太 白太 金太 大哥 大姐 馬上 高興 高兴 方便 方面 金錢 白色 高中 石頭 余下 關於
    关于 何時 許多 许多
    """.split()  # noqa: SIM905
)
"""What looks like a surname with a title and is none."""

NO_BEGINNINGS = (
    "我你佢他她它您們们咗嘅的地得係是喺在去到返嚟來来從从由同和與与及呢嗰那這这個个間间條条讀读入離离住過过有冇"
    "做咪啲哋己套講讲貴贵總总月樣样即就都也又再先後后間叫話说說見见係唔不未想要會会可以為为因但所如果當当每全各某其，。、；：？！「」『』（）"
)
"""Characters that stand before a name and are none of it."""

HAN_ENDINGS = {
    "school": "中學|中学|小學|小学|書院|书院|大學|大学|學校|学校|學院|学院|幼稚園|幼儿园|幼兒園",
    "organisation": "公司|集團|集团|銀行|银行|醫院|医院|基金會|基金会|協會|协会|教會|教会|中心",
    "place": "道|街|邨|苑|村|區|区|路|市|縣|县|灣|湾|島|岛|花園|花园|大廈|大厦|廣場|广场",
}
NO_PLACES = frozenset(
    """
    知道 味道 街道 道路 通道 渠道 管道 軌道 轨道 頻道 频道 跑道 人道 公道 隧道 逛街 上街 行街 農村
    农村 鄉村 乡村 地區 地区 社區 社区 校區 校区 山區 郊區 區區 分區 屋邨 公屋邨 走路 馬路 马路
    公路 道路 網路 网路 思路 出路 鐵路 铁路 一路 城市 市 都市 超市 股市 上市 門市 海島 海灣 街 路
    道 村 區 购物中心 購物中心 市中心 細路 细路 人生道
    """.split()  # noqa: SIM905
)
"""What ends like the name of a place and names none."""

ENDINGS = {
    "school": ("University", "College", "School", "Academy", "Institute", "Kindergarten", "Polytechnic"),
    "organisation": (
        "Ltd", "Limited", "Inc", "Company", "Corporation", "Corp", "Group", "Bank", "Hospital", "Clinic", "Trust",
        "Foundation", "Association", "Council", "Church", "Charity", "Society", "Centre", "Center", "Agency",
    ),
    "place": (
        "Street", "Road", "Avenue", "Lane", "Park", "Square", "Estate", "Village", "Town", "City", "County",
        "District", "Island", "Bay", "Hill", "Bridge", "Station", "Airport", "River", "Valley", "Beach",
    ),
}  # fmt: skip
"""What the names of schools, organisations and places end with."""

HAN_KINDS = {"person": "人物", "place": "地方", "school": "學校", "organisation": "機構", "name": "名稱"}
"""What a proposed replacement calls a kind, in Chinese."""

NICKNAMES = {
    "alexander": "alex sasha", "alexandra": "alex sandra", "alfred": "alf fred", "andrew": "andy drew",
    "anthony": "tony ant", "barbara": "barb babs", "benjamin": "ben benny", "catherine": "cath cathy kate katie",
    "katherine": "kath kathy kate katie", "charles": "charlie chuck", "christina": "chris tina",
    "christine": "chris chrissie", "christopher": "chris", "daniel": "dan danny", "david": "dave davy",
    "deborah": "deb debbie", "edward": "ed eddie ted ned", "elizabeth": "liz lizzie beth eliza betty",
    "emily": "em emmy", "francis": "frank fran", "frederick": "fred freddie", "gabriel": "gabe",
    "gregory": "greg", "harold": "harry", "henry": "harry hank", "jacob": "jake", "james": "jim jimmy jamie",
    "jennifer": "jen jenny", "jessica": "jess jessie", "john": "johnny jack", "jonathan": "jon jonny",
    "joseph": "joe joey", "joshua": "josh", "judith": "judy", "kenneth": "ken kenny", "lawrence": "larry",
    "leonard": "len lenny", "margaret": "maggie meg peggy", "matthew": "matt matty", "michael": "mike mick mickey",
    "nathaniel": "nate nat", "nicholas": "nick nicky", "pamela": "pam", "patricia": "pat trish tricia",
    "patrick": "pat paddy", "peter": "pete", "philip": "phil", "rebecca": "becca becky", "richard": "rich rick dick",
    "robert": "rob bob bobby robbie", "ronald": "ron ronnie", "samantha": "sam", "samuel": "sam sammy",
    "stephen": "steve", "steven": "steve", "susan": "sue susie", "theodore": "ted theo", "thomas": "tom tommy",
    "timothy": "tim timmy", "victoria": "vicky tori", "vincent": "vince vinny", "william": "will bill billy willy",
}  # fmt: skip
"""Short forms of first names, in folded form."""

_PAIRS = (
    "陳陈張张劉刘吳吴楊杨許许鄭郑謝谢馬马葉叶羅罗鄧邓馮冯趙赵孫孙韓韩盧卢譚谭蕭萧蘇苏呂吕蔣蒋鍾钟溫温龔龚麥麦鄺邝"
    "簡简關关區区歐欧賴赖賀贺錢钱顧顾湯汤鄒邹陸陆黃黄華华國国偉伟強强傑杰豪豪寶宝貴贵榮荣興兴龍龙鳳凤蘭兰麗丽"
    "鶯莺燕燕雲云電电霞霞慧慧賢贤潔洁瑩莹瓊琼瑤瑶詩诗詠咏嘉嘉儀仪傲傲優优億亿曉晓權权樂乐業业榮荣樺桦歡欢滿满漢汉"
    "瀚瀚燁烨燦灿爾尔獻献環环產产發发皚皑盈盈禮礼禎祯穎颖積积競竞紀纪紅红純纯紹绍細细組组結结絲丝綺绮維维綠绿緯纬"
    "縈萦織织繼继聖圣聰聪聲声膽胆臨临與与舉举藝艺蓮莲蔣蒋蘊蕴衛卫補补見见覺觉觀观誠诚語语諾诺謙谦證证譽誉豐丰貝贝"
    "貞贞財财資资賓宾賞赏贊赞軍军軒轩輝辉輪轮轉转農农運运進进達达遠远選选鄉乡醫医針针銀银銘铭鋒锋鋼钢錦锦鍵键鎮镇"
    "鏡镜鐵铁長长門门開开閃闪閔闵閣阁閱阅陽阳隊队階阶際际雙双雜杂離离霧雾靈灵靜静順顺須须頌颂預预領领頤颐願愿顯显"
    "風风飛飞飄飘養养館馆駿骏騰腾驊骅驗验鴻鸿鵬鹏鶴鹤黨党齊齐齡龄東东來来倫伦傳传儒儒劍剑動动勝胜勞劳勤勤匯汇協协"
    "嚴严園园圓圆圖图團团堅坚場场塵尘壽寿夢梦奮奋媽妈嫻娴學学寧宁實实寫写寬宽導导將将專专對对岡冈島岛峽峡崗岗嵐岚"
    "巖岩師师幹干廣广庫库廚厨廟庙廠厂張张彌弥彥彦後后從从復复徹彻恆恒愛爱慶庆懷怀戀恋戰战捷捷揚扬撫抚擇择擎擎數数"
    "時时晉晋暉晖書书會会楓枫楨桢樹树機机欽钦歲岁氣气沖冲澤泽潤润濤涛濱滨瀾澜灣湾為为無无營营牽牵猶犹琺珐瑋玮畢毕"
    "異异當当療疗監监盤盘眾众碩硕確确稱称穩稳築筑節节範范籌筹粵粤緣缘義义習习職职聞闻肅肃腦脑興兴舊旧萬万蒼苍蓋盖"
    "處处號号術术裡里親亲計计記记訊讯設设許许詢询話话該该認认誼谊課课談谈請请論论識识譯译議议讓让貫贯貿贸買买費费"
    "賽赛質质趙赵車车較较輔辅載载輕轻邊边郵邮鄰邻釗钊鈞钧鈴铃錄录鑫鑫鑒鉴鑽钻閒闲間间闊阔陣阵陰阴隆隆隱隐難难雞鸡"
    "韋韦韻韵頂顶項项題题顏颜類类飯饭飲饮餘余馳驰駕驾驚惊體体髮发鮮鲜鳴鸣鷹鹰點点黛黛龐庞"
)
SIMPLIFIED = {old: new for old, new in zip(_PAIRS[::2], _PAIRS[1::2], strict=True) if old != new}
"""Traditional characters that names are written with, and their simplified forms."""
