"""Lists the words that lead to the closing date of a vacancy, and those that lead elsewhere."""

import re

_ADVERT = (
    r"(?:vacancy|vacancies|advert|advertisement|job|post|role|posting|listing|position"
    r"|opportunity|applications?|submissions?|recruitment(?: campaign| window)?|campaign"
    r"|advertising|it|this|which)"
)
_NAMED = (
    r"(?:vacancy|advert|advertisement|job(?: advert)?|posting|listing|applications?|advertising"
    r"|recruitment|submission|apply|campaign)"
)
_SENDING = (
    r"(?:apply|applying|applied|applications?|cvs?|résumé|cover(?:ing)? letter|letter|forms?"
    r"|statement|submit\w*|send|sent|e-?mail|return\w*|receive\w*|receipt"
    r"|expressions? of interest|in touch|us|reach|tell us|complete[ds]?|interest|hear from you"
    r"|repl(?:y|ies)|respon(?:d|ses?)|write to|removed|taken down|withdrawn)"
)
_STRONG = (
    r"(?:closing|closure|close|cut-?off)[ -](?:date|day)s?(?: ?(?:/|and|&) ?times?)?"
    r"|closing time and date|date of clos(?:ing|ure)|date closing|cut-?off(?: for applications)?"
    r"|dyddiad(?:au)? cau|dyddiad olaf"
    rf"|{_NAMED}s?(?: |-)(?:by|end|ends|expiry|closing|close|closure|deadline|expiration|due"
    r"|return|until)(?: |-)(?:date|time)"
    r"|vacancy (?:ends|expires)"
    r"|(?:application|submission|applications|advert(?:ising)?|recruitment) (?:deadline|window"
    r"|period)(?! (?:is |will be )?open)|deadline(?!s)|last chance(?: to apply)?|dod i ben ar"
    r"|stop(?:s|ping)? (?:taking|accepting) applications|expiry(?= ?[:–-])"
    r"|(?:last|final|latest) (?:date|day|time)(?: and time)? (?:for|to|of)(?: the)?(?: \w+){0,3}"
    r"|(?:last|final|latest) (?:date|day) you can apply|(?:last|final) applications"
    rf"|(?:{_ADVERT}) (?:will (?:be )?|is due to |is set to |to |now |is )?(?:clos(?:es?|ing|ed)"
    r"|expir(?:es?|ing)|shuts?)"
    r"|(?:vacancy|advert|advertisement|listing|applications?|advertising) (?:will )?ends?"
    r"|clos(?:e|ing) (?:applications|(?:this|the) (?:advert|vacancy|role|post|job)(?! early))"
    rf"|{_ADVERT} (?:will )?comes? down|unposting date|submit by"
    r"|(?:live|advertised|open for applications) (?:from|between)"
    r"|advertised(?! (?:until|till))|advert(?:ising)? (?:dates?|runs?)"
    r"|applications? (?:are )?(?:due|end)|end date for (?:applications?|applying)"
    r"|window for applications(?! (?:will|shut|close))"
    r"|(?:window|portal)(?: for applications)? (?:will )?(?:shut|close)s?"
    r"|expir(?:y|ing|ation) date|expires|valid (?:through|until)"
    r"|(?:advertised|live|online|available to view) (?:until|till)"
    rf"|open(?: for applications)? (?:until|till)|{_ADVERT}[^.\n]{{0,40}} open (?:until|till"
    r"|from|between)"
    rf"|{_ADVERT} (?:will )?runs? (?:until|till)|open (?:to|for) (?:new )?applications"
    r"|bydd y (?:swydd|hysbyseb) (?:hon )?yn cau|ceisiadau(?: yn|['’]n) cau|yn cau (?:ar|am)"
)
_BY = (
    r"(?:by|before|until|till|no later than|not later than|on or before|erbyn|cyn|prior to"
    r"|up to|up until|between)"
)
_INSIDE = r"(?:[^.\n!?;]|\.(?=[^\s]))"  # of a sentence, which may hold an address
_WEAK = (
    rf"\b{_SENDING}\b{_INSIDE}{{0,130}}?\b{_BY}"
    r"|(?:(?:candidates|applicants)(?: will)? have|you(?:(?:[’']ll| will) have|[’']ve| have)"
    r"(?: got)?|accept\w*[^.\n]{0,30}"
    r"|yours[^.\n]{0,30}"
    r"|invited[^.\n]{0,20}) (?:until|till)"
    r"|(?:removed|taken down|withdrawn) (?:from [^.\n]{0,30})?on"
    r"|(?:applications?|forms|cvs)[^.\n]{0,60}\b(?:after|past)"
    r"|^\W{0,3}by(?= (?:\d|noon|mid))|\bby(?= (?:\d{1,2}(?:[:.]\d\d)? ?[ap]\.?m|(?:12 ?)?noon"
    r"|midday|midnight)\b)"
    r"|^\W{0,3}cau(?=[ ]*[:–-])|(?:cais|ceisiadau|ymgeisio)[^.\n]{0,40} (?:tan|cyn)"
    r"|mae gennych(?: chi)? (?:tan|hyd)|ceisiadau[^.\n]{0,40} ar ôl"
    rf"|(?:rhaid|ceisiadau|anfonwch|cais|gwnewch|ymgeisiwch|dychwelwch){_INSIDE}{{0,80}}\berbyn"
    r"|\bcloses|\bclosing(?=\s*(?::|[–—|-]|on\b|at\b|by\b|midnight|noon|mon|tue|wed|thu|fri"
    r"|sat|sun|\d))"
    r"|\b(?:and|will) close(?: on| at)?"
)
CLOSING = (
    re.compile(rf"\b(?:{_STRONG})(?:\b|(?=\d))", re.IGNORECASE),
    re.compile(_WEAK, re.IGNORECASE | re.MULTILINE),
)
EXTENDED = re.compile(
    r"\b(?:extended|moved|changed|put back|pushed back|brought forward)(?: now)?"
    r"(?: (?:to|until|till))?\b"
    r"|\bnew (?:closing date|deadline)\b"
    r"|\bestyn\w*(?: (?:i|hyd|tan))?\b",
    re.IGNORECASE,
)
EXTENDED_FROM = re.compile(
    r"\s+(?:(?:the|our) [a-z ]{4,20})?\b(?:from|over|because of|due to|owing to)\b"
    r"[^.\n]{3,40}?\b(?:to|until)\b",
    re.IGNORECASE,
)
# What else an advert dates. A word like this between “closing” and a date takes the date.
OTHER = re.compile(
    r"\b(?:interview\w*|shortlist\w*|sift\w*|assessments?|start(?:s|ing)?(?: date)?|starts on"
    r"|publish\w*|posted|date posted"
    r"|probation|reopens?|christmas|nadolig|festive|bank holiday|new year(?!['’]s eve)|cyfweld\w*"
    r"|cyfweliad\w*"
    r"|contract|fixed term|stated date|the day (?:before|after)|questions?|chat|discussion"
    r"|report|notified|hear from us"
    r"|available to start|in post|induction|opens?(?: on)?|from the|review\w*|rolling|w/c"
    r"|week (?:commencing|beginning|starting|of))\b",
    re.IGNORECASE,
)
# Who closes, but is no vacancy; and what has a deadline, but is no application.
ELSE = re.compile(
    r"\b(?:offices?|buildings?|switchboard|reception|helpline|help ?line|phone lines?|shops?"
    r"|museum|gallery|library|centre"
    r"|schools?|council|consultation|exhibition|survey|nominations?|awards?|registration"
    r"|tickets?|fund|grants?|entries"
    r"|contract|contracts|we|budget|festival|exhibits?|show|season|scheme|project|campaign"
    r"(?<!recruitment campaign)"
    r"|bookings?|bids?|tenders?"
    r"|polls?|petition|swyddfa|swyddfeydd|report|reports|first draft|publication|print|copy"
    r"|course|term|appeal|auction|competition|market|sale|box office|enrolment)\b[^.\n;|]{0,70}$",
    re.IGNORECASE,
)
HOLIDAY = re.compile(
    r"\b(?:christmas|festive|holidays?|reopens?|re-opens?|bank holiday|new year’s|nadolig"
    r"|gwyliau|closure)\b",
    re.IGNORECASE,
)
APPLYING = re.compile(
    r"\b(?:appl(?:y|ying|ications?)|vacanc\w+|closing date|dyddiad cau|cv)\b", re.IGNORECASE
)
# “Must be received by” needs to say what: the application.
VERB = re.compile(
    r"(?:submit|send|sent|e-?mail|return|receive|reach|us\b|complete|letter|forms?\b|statement"
    r"|repl|respon|removed|taken down|withdrawn|write|tell)",
    re.IGNORECASE,
)
SENT = re.compile(
    r"\b(?:appl(?:y|ying|ications?)|cvs?|résumé|letters?|forms?|expressions? of interest"
    r"|submissions?"
    r"|the job for you|interested|secondment"
    r"|vacanc\w+|portfolio|details|statement|interest|advert\w*|posting|please return)\b",
    re.IGNORECASE,
)
NOT_SENDING = re.compile(
    r"\b(?:we(?:['’]ll| will| aim to| hope to| expect to| plan to| intend to)\b"
    r"(?! (?:only |also |still )?(?:accept|consider|need|close|take|read|look at|not accept"
    r"|not consider))"
    r"|you(?:['’]ll| will) (?:be|hear|receive|get|find)\b|outcome"
    r"|let you know|hear[ds]?\b(?! from you)(?: from)?|if you are appointed|nominations?"
    r"|shortlist\w*|(?<!quoting )(?<!job )references? (?:must|will|should|by|are)|referees must"
    r"|help with|need help"
    r"|notif\w+|interview\w*|start\b|started"
    r"|(?:call|ring|phone) \w+|large print|formats?\b|adjustments?|proof\b|right to work|problems?"
    r"|difficult\w+|trouble|quer(?:y|ies)"
    r"|probation|in post|available to (?!appl)"
    r"|questions?|chat|informal|discussion|conversation|informed|contact(?:ed)?|decision"
    r"|qualified|completed their|report"
    r"|achieve|deliver|contract|funded|fixed term|rwy’n)\b",
    re.IGNORECASE,
)
IS_CLOSING = re.compile(
    r"\bis (?:the |our )?(?:closing date|deadline|last day|final day)\b",
    re.IGNORECASE,
)
CLOSING_TIME = re.compile(r"[^a-z\d]*(?:\bclosing )?\btime\b[ \t]*[:|–-]?\s*", re.IGNORECASE)
# “A deadline for the first report” is none for applications.
OTHER_DEADLINE = re.compile(
    r"s? (?:for|to) (?:the |your |a |our )?(?!appl|rece|submi|cv|this|all|expr|return|candidat"
    r"|interest)",
    re.IGNORECASE,
)
OF_A_VACANCY = re.compile(r"date|appl|vacanc|advert|recruit", re.IGNORECASE)
APPLY = re.compile(r"appl(?:y|ied|ying)\b", re.IGNORECASE)
# “This should be returned by …” speaks of what the sentence before names.
REFERS_BACK = re.compile(r"\W*(?:this|these|they|it|both|completed)\b", re.IGNORECASE)
# “Officer, Dales Council, £30,000, closes …” is a list of terms, in which nobody closes.
IN_A_LIST = re.compile(r"(?:£\s?\d|\bsalary\b)[^.\n]{0,60}[,;|(–—-]\s*(?:and )?$", re.IGNORECASE)
# “Advertised: 13 April – 30 April” names the last day, “Advertised: 13 April” the first.
OF_A_RANGE = re.compile(r"advertised$|advert(?:ising)? (?:dates?|runs?)", re.IGNORECASE)
# Who closes in “our appeal closes”, where it is no advert.
SUBJECT = re.compile(
    r"(?:^|[.!?\n;,]\s*|\band )(?:the|our|your|their|its|an?)\b[^,;:–—|-]*$", re.IGNORECASE
)
_SHORT = ("mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sat", "sun")
_NO_END = "".join(
    rf"(?<!\b{re.escape(word)})" for word in (*_SHORT, "am", "pm", "a.m", "p.m", "no")
)
NEXT_SENTENCE = re.compile(
    rf"(?<!\dst)(?<!\dnd)(?<!\drd)(?<!\dth){_NO_END}[.!?]\s+(?=(?-i:[A-Z]))", re.IGNORECASE
)
# Whose closing date is none for applications, where the word stands before it.
OF_ANOTHER = re.compile(
    r"\b(?:consultation|survey|nominations?|grants?|fund|scheme|competition|exhibition"
    r"|registration|bookings?|entries|library|tenders?|bids?)(?:['’]s)?\s*$",
    re.IGNORECASE,
)
OF_SOMEBODY = re.compile(r"\w(?:['’]s|s['’])\s*$")  # “the printer’s deadline”
