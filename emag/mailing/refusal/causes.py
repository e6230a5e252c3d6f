"""Finds the causes that a server's words name, in the languages and phrases that servers use."""

import re
from enum import Enum, auto

from emag.mailing.refusal import blame
from emag.mailing.refusal.phrases import any_of


class Cause(Enum):
    NOT_FOUND = auto()  # the mailbox or the domain does not exist
    NO_MAIL = auto()  # the domain states that it accepts no mail (RFC 7505)
    FULL = auto()
    CLOSED = auto()  # the mailbox exists and accepts nothing: disabled, suspended, on hold
    BLAMES_US = auto()  # our server, our domain or our permission is named: stronger than any code
    SENDER = auto()  # the sender or the message may be the reason
    LATER = auto()  # the network, the server or the time
    UNKNOWN = auto()


# A guess is no cause. Guesses are cut out before the words are searched for NOT_FOUND.
_HEDGED = any_of(
    r"""
    \b(?:may|might|could|can) (?:(?:also|have|be|not|been|no|longer|either|well) ){0,4}\w+
    \b(?:possibly|perhaps|probably|maybe)\b[^.;]{0,40}
    (?:möglicherweise|eventuell|vielleicht|misschien|peut-être|forse)\b[^.;]{0,40}
    (?:quizás?|tal vez|talvez)\b[^.;]{0,40}
    (?:existiert|ist|wurde) (?:möglicherweise|eventuell|vielleicht)\b[^.;]{0,30}
    (?:es posible que|il se peut que|è possibile che|é possível que)\b[^.;]{0,80}
    (?:možná|snad|zřejmě|być może|mogelijk|kanske|måske|kanskje|ehkä)\b[^.;]{0,40}
    (?:возможно|вероятно|может быть|можливо|ймовірно)[^.;]{0,40}|(?:может|могут|може|можуть) не \w+
    可能[^。；]{0,8}不存在|不存在(?:或|，或)|存在しないか|存在しない可能性|見つからないか
    存在しません(?:でした)?か|かもしれ|존재하지 않(?:거나|을)|찾을 수 없거나
    """
)
# RFC 7505, in the words of Postfix, Exim and Sendmail.
_NO_MAIL = any_of(
    r"""
    null[ -]?mx|(?:mx|srv)\b[^.;]{0,40} indicated no (?:smtp|mail)|\bmx 0 \.
    \b(?:domain|host)\b[^;]{0,80}? <never> (?:accept|receive) (?:any )?(?:e-?)?mail\b(?! from)
    """,
    never=r"(?:does ?n[o']t|do not|will not)",
)


_SENDER = any_of(
    r"""
    \bspam|\bjunk mail|unsolicited|\bube\b|\bbulk (?:e-?)?mail|viru[s ]|malware|phish
    \b(?:black|block|deny|white)[ -]?list|\b(?:rbl|dnsbl|uribl|surbl)\b
    spamhaus|spamcop|barracuda|sorbs|cbl\.|senderbase|reputation|\bcomplain
    \bspf\b|\bdkim\b|\bdmarc\b|\barc\b seal|sender id\b|purported responsible
    \bptr\b|\brdns\b|reverse[ -](?:dns|lookup|hostname)|forward-confirmed|\bfcrdns\b
    cannot find your (?:reverse )?hostname|\bhelo\b|\behlo\b
    (?:after|reply to|response to) mail from|authenticat|unauthori[sz]ed|not authori[sz]ed
    autoris|berechtig|permission|not permitted|not allowed|forbidden|prohibited|\bdenied
    refused by|administrative(?:ly)?|access list
    \brelay(?:ing)?\b[^.]{0,40}(?:denied|prohibited|refused|deny|not (?:permit|allow))
    relaying|rcpthosts
    (?:no|not|cannot|unable to|deny|denied|won't|open) relay
    \bsender\b[^.]{0,40}(?:reject|den|block|invalid|not exist|unknown|verif|refused|domain)
    (?:bad|invalid|illegal|unverified|domain of|verify) sender|sender address|from address
    \bfrom: ?(?:domain|header|address|field)|mailfrom|return address
    (?:e-?mail )?address is not verified|identities failed
    \bips?\b|dynamic|residential|\byour (?:access|connection|mail|message)\b[^.;]{0,40}reject
    polic(?:y|ies)|\brejected (?:due to|because of|for) (?:content|security|your)
    content (?:was |has been )?(?:reject|filter|block|scan|den)|(?:its|message|mail|your) content
    blocked|banned|abus(?:e|ive)|suspicious|suspected|harmful|dangerous|attachment
    (?:message|mail|e-?mail) (?:was |has been |is )?(?:too (?:large|big|long)|rejected by|refused)
    (?:message|mail) (?:size|length)[^.]{0,30}(?:exceed|limit|too)|size limit|too (?:large|big)
    exceeds? (?:\w+ ){0,3}(?:size|length)|unusual
    not (?:a )?members?\b|members? only|only members|moderat
    not accepting (?:mail|messages) from|recipient preferences|does ?n[o']t (?:accept|want)
    8-?bit|bare (?:lf|cr|line)|malformed (?:header|message|mime|address in)|rfc ?(?:2?[58]22)
    syntax error|sequence of commands|multiple addresses|protocol error
    command (?:\w+ )?(?:not|unrecogni)
    tls (?:is )?required|starttls|encrypt|certificate|dnssec|mta-sts|\bdane\b
    rate of|unexpected volume|too many (?:invalid|bad|unknown|recipients this)
    service refus|mail rejet|refusé|bloqué|bloquead|rechazad|rifiutat
    gesperrt|abgelehnt wegen|отклонен|拒否|拒绝|权限|權限
    """
)

_RECIPIENT = (
    r"(?:user|recipient|addressee|mail ?box|account|address|person|e-?mail|host|domain|customer)"
)
_KIND = (
    r"(?:local|virtual|remote|final|delivery|destination|recipient|e-?mail|forward|mail|user|smtp|"
    r"host|target|rcpt|alias|or)"
)
_ABSENT = (
    r"(?:unknown|invalid|non-?existent|no such|bad|undeliverable|unrouteable|unroutable|"
    r"nonexistant|unresolvable|no valid|not a valid|illegal|incorrect)"
)
_IS_NOT = (
    r"(?:unknown|not? known|invalid|not valid|(?:not|n't) (?:been )?(?:found|exist|recogni[sz]ed|"
    r"listed|registered|known|match)|non-?existent|does ?n[o']t (?:exist|have)|doesnt exist|"
    r"no longer)"
)

_NOT_FOUND = any_of(
    r"""
    <absent> (?:<kind> ){0,3}(?:<recipient>|userid|name|here|rcpt|part|users?)
    <recipient>(?:e?s)?\b[^.;]{0,60}?\b(?:is |was |are |were |has )?<isnot>
    <recipient>(?:e?s)?\b[^.;]{0,60}?(?:n't (?:exist|have|found))
    no longer (?:valid|exists?|in use|in service|active|employed|work|with|available)
    no longer (?:on (?:this|our)|has an account|receiv|monitored|accept)
    (?:account|mailbox|address|user)[^.;]{0,30}\b(?:closed|deleted|removed|terminated|cancel)
    (?:account|mailbox|address|user)[^.;]{0,30}\b(?:purged|retired)
    no (?:mail)?box here
    no (?:such )?(?:account|mailbox|recipient|user)\b(?!s? (?:specified|left))
    (?:user|host) ?unknown|unknown ?(?:user|recipient)|recip(?:ient)?notfound
    not (?:a )?(?:known|registered|current|local)\b[^.;]{0,20}(?:user|address|recipient|mailbox)
    not (?:a )?(?:known|registered|current|local)\b[^.;]{0,20}(?:account|customer|gateway)
    not (?:listed )?in (?:the |our |my )?(?:\w+ )?(?:directory|address book|user (?:list|data))
    (?:n't|not|unable to) (?:be )?(?:find|locate|verify|match)[^.;]{0,30}<recipient>
    (?:address|recipient|user|mailbox)[^.;]{0,40}(?:n't|not) be (?:found|located|resolved)
    not found by smtp address lookup|(?:host|domain)[^.;]{0,40}(?:not found|nxdomain)
    can't find any host|does not exist|no such domain
    is not our customer|not (?:a )?customer|isn't a (?:user|customer)|left the (?:company|organi)
    unable to deliver to (?:that|this) user|invalid final|mailbox unavailable|unavailable mailbox
    delivery to this address is restricted|address rejected\W*$
    no mx (?:record|host)|no (?:a|mx|dns) records?
    recipient name is not recogni|has no mailbox|no account by that name|not have an account
    unbekannt(?:er? (?:benutzer|empf|adres|user)|e[rsn]? )|existiert nicht|nicht bekannt
    nicht (?:gefunden|vorhanden)|(?:empfänger|adresse|benutzer|postfach)[^.;]{0,40}unbekannt
    n'existe pas|introuvable|utilisateur inconnu
    (?:adresse|utilisateur|destinataire|compte)[^.;]{0,30}(?:inconnu|invalide|inexist)
    no existe|no (?:se )?(?:ha )?(?:encontr|pudo encontrar)
    (?:usuario|destinatario|dirección|cuenta)[^.;]{0,30}(?:desconocid|inválid|inexist)
    sconosciut|inesistente|non esiste|não existe|inexistente|desconhecid|não (?:foi )?encontrad
    (?:wurde |ist |sind )?nicht (?:im [\w-]{1,40} |in der [\w-]{1,40} )?(?:aufgelistet|vorhanden)
    (?:appears? (?:not )?to be|not) (?:un)?registered
    niet gevonden|bestaat niet|onbekend|nie istnieje|nieznan|nie znaleziono|nenalezen|neexistuje
    finns inte|okänd|hittades inte|findes ikke|ukendt|finnes ikke|ukjent|ei löydy|tuntematon
    не найден|не существует|неизвестн|недействительн|отсутствует|не знайдено|не існує
    見つかりません|存在しません|存在しない|不明|不存在|找不到|未知|查无|無此|존재하지|찾을 수 없
    """,
    absent=_ABSENT,
    kind=_KIND,
    recipient=_RECIPIENT,
    isnot=_IS_NOT,
)

_FULL = any_of(
    r"""
    (?:mail ?box|mail ?folder|inbox|account|folder|storage|disk)[^.;]{0,30}<over>
    (?:file ?system|user|mailfolder|box|mail ?drop|spool|quota)[^.;]{0,30}<over>
    over ?(?:the )?(?:\w+ )?quota|overquota|quota|full mailbox|mailbox full|\bmbox full
    (?:insufficient|not enough|no|out of|exceeded|low)\b[^.;]{0,20}(?:disk|storage|space|memory)
    space (?:is )?not enough|exceed(?:ed|s)? (?:\w+ ){0,3}(?:storage|quota|mailbox|disk)
    too many (?:messages|mails) (?:in|on)
    postfach[^.;]{0,20}voll|ist voll|pleine?\b|saturée|está llen
    (?:buz[óo]n|casilla|cuenta)[^.;]{0,20}llen[oa]\b
    pien[ao]\b|cheia\b|is vol\b|переполнен|いっぱい|容量|已满|満杯|가득
    """,
    over=r"(?:\bfull\b|\blleno\b|exceed|exhausted|over (?:quota|limit|its))",
)

_CLOSED = any_of(
    r"""
    disabled|suspended|inactive|in-active|not active|deactivated|locked
    discontinued|expired account|dormant|unavailable for delivery|not enabled|blocked account
    (?:account|mailbox|user)[^.;]{0,30}(?:temporarily )?(?:unavailable|not available|disabled)
    not accepting (?:mail|messages|any|system)|moved\b|has changed|hasmoved
    forward(?:ed|ing)? to|deaktiviert|désactivé|desactivad|disattivat|заблокирован|停用|無効
    """
)

_LATER = any_of(
    r"""
    time[d -]?out|timeout|expired|\bexpir|lost connection|unreachable|no route|temporar|later
    connection (?:refused|reset|lost|dropped|closed|failed|died|was)|try again|transient
    gr[ea]y-?list|deferred|delay|busy|too many connections|resources|retry|in (?:the )?queue
    couldn't connect|could not connect|unable to connect|no answer|not respond|network
    loop|too many hops|hop count|giving up|given up|gave up|attempts|rate limit
    too (?:quickly|fast|frequent)|slow down|dns|name ?server|name service
    system (?:config|error)|mailer error|i/o error|internal error|unavailable|overload
    service (?:not |un)available|maintenance|shutting down
    read error|broken pipe|nicht erreichbar|zeitüberschreitung|später|plus tard
    más tarde|più tardi|mais tarde|позже
    """
)
_PATTERNS = {
    Cause.NO_MAIL: _NO_MAIL,
    Cause.SENDER: _SENDER,
    Cause.NOT_FOUND: _NOT_FOUND,
    Cause.FULL: _FULL,
    Cause.CLOSED: _CLOSED,
    Cause.LATER: _LATER,
}

_NO_HOST = re.compile(
    r"\b(?:host|domain)(?: or domain)?(?: name)?(?: is| was| does)? (?:unknown|"
    r"nxdomain|not (?:found|exist|reachable|known))|"
    r"(?:unknown|no such|unresolvable|bad|invalid) (?:host|domain)|no (?:mx|a|dns) record|\bdns\b"
)
_URL = re.compile(r"\b(?:https?:|ftp:|www\.)[^\s<>\"')\]]{0,300}", re.IGNORECASE)
_ADDRESS = re.compile(r"<?[!#-;=?A-~]{1,64}@[a-z0-9.-]{1,255}>?", re.IGNORECASE)
_HOST = re.compile(r"\b(?:[a-z0-9_-]{1,63}\.){2,8}[a-z0-9-]{2,63}\b", re.IGNORECASE)
_REPLY = re.compile(r"\b[45]\d\d-?(?:#?[245]\.\d{1,3}\.\d{1,3})?(?=\s)")
_MAX_WORDS = 3_000


def plain(words: str) -> str:
    """The words in one lower-case line, without addresses, links, hosts and codes."""
    words = _ADDRESS.sub(" ", _URL.sub(" ", words[:_MAX_WORDS]))
    words = _HOST.sub(" ", words)
    return " ".join(_REPLY.sub(" ", words).replace("’", "'").lower().split())


def causes(words: str) -> set[Cause]:
    """Every cause that the words name."""
    text = plain(words)
    certain = _HEDGED.sub(" ", text)
    named = {
        cause
        for cause, pattern in _PATTERNS.items()
        if pattern.search(certain if cause is Cause.NOT_FOUND else text)
    }
    if blame.blames_us(text) or blame.links_to_list(words[:_MAX_WORDS]):
        named.add(Cause.BLAMES_US)
    return named


def names_host(words: str) -> bool:
    """True where the domain does not exist, which does not depend on the refused command."""
    return bool(_NO_HOST.search(plain(words)))
