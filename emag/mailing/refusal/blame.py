"""Recognises refusals that blame the sender's server, domain or permission, not the address.

Servers send them with all codes, also with those that mean an unknown mailbox.
"""

import re

from emag.mailing.refusal.phrases import any_of

# Lists and services that rate senders.
_LIST = (
    r"spamhaus|spamcop|sorbs\b|barracudacentral|uceprotect|\bsurbl|\buribl|invaluement|abuseat|"
    r"senderscore|senderbase|talosintelligence|spamrats|mailspike|backscatterer|"
    r"proofpoint\.com/\S{0,40}ip|ipcheck|\bcbl\."
)
_LIST_LINK = re.compile(
    rf"(?:https?:|www\.)\S{{0,200}}?(?:{_LIST}|(?:black|block|deny|de)-?list|unblock|dnsbl|"
    rf"\brbl\b|reputation)|(?:{_LIST})[\w-]{{0,20}}\.(?:org|net|com|info)|"
    r"\b(?:dnsbl|rbl|dbl|sbl|xbl|pbl)\d?(?:\.[\w-]+){2,5}",
    re.IGNORECASE,
)
_PERMISSION = (
    r"\bpermissions?\b|oprávněn|povolení|дозв[оі]л|разрешени|прав[ао]? (?:доступ|на |публик)|"
    r"uprawnie|pozwoleni|berechtig|genehmig|\bautorisations?\b|permiso|permissão|permissões|"
    r"permess[oi]|autorizzazion|toestemming|behörighet|tilladelse|tillatelse|käyttöoikeu|"
    r"engedély|jogosult|\bizni|yetki|άδεια|δικαίωμα|권한|權限|权限|権限|許可|הרשא|صلاحي|إذن"
)
_BLAMES_US = any_of(
    r"""
    \b(?:black|block|deny)[ -]?list|\b(?:rbl|dnsbl|uribl|surbl|spamhaus|spamcop)\b
    blocked (?:using|by rbl|at source)|(?:poor|low|bad) reputation
    liste? (?:noire|negra|nera)|listas? negras?|schwarze liste|sperrliste|zwarte lijst
    liste de blocage|lista de bloqueio|lista de bloqueo|blokkeerlijst|spærreliste|czarn\w+ list
    černé? listin|ч[её]рн\w+ спис|чорн\w+ спис|黑名单|黑名單|ブラックリスト|블랙리스트
    \byour (?:\w+[ -]){0,2}(?:<server>|domain|provider|isp)\b<gap>{0,60}?<bad>
    \b(?:client|connecting|sending) (?:\w+ )?(?:<server>|domain)\b<gap>{0,50}?<bad>
    \bip(?: address)?\b[\s\[(]{0,3}[\d.:a-f]{0,39}[\])]?[^.;]{0,30}?<listed>
    \b<sender>(?:'s)?\b<gap>{0,40}?\b(?:domain|host|address)\b<gap>{0,60}?<bad>
    \b(?:domain|host|address) of (?:the )?<sender>\b<gap>{0,60}?<bad>
    <false> (?:domain (?:name )?(?:of|for|in) (?:the )?)?<sender>\b
    \bsender\b[^.;]{0,30}(?:verif|callout|rejected|denied)
    \bfrom (?:address|domain|header)\b<gap>{0,40}?<bad>
    (?:after|reply to|response to|in) (?:pipelined )?mail from\b
    \bmail from\b[\s:<>]{0,5}(?:host|domain|address)\b<gap>{0,40}?<bad>
    (?:failed|failing|violat\w+|due to) [^.;]{0,30}\b(?:spf|dkim|dmarc)\b
    \b(?:spf|dkim|dmarc)\b[^.;]{0,40}(?:fail|reject|check|policy|not pass)
    \b(?:no|missing|invalid|without|lacks?|bad) (?:a )?(?:valid )?(?:ptr|rdns|reverse[ -]dns)\b
    cannot find your (?:reverse )?hostname|(?:helo|ehlo) (?:command )?reject
    <permission>
    """,
    server=r"(?:ip|server|host|network|mta|relay)",
    sender=r"(?:sender|originator|return[- ]path|envelope(?:[- ]from)?|mail from)",
    false=r"(?:invalid|unknown|bad|unresolvable|non-?existent|unverified|fake)",
    listed=r"(?:block|black|listed|ban(?:ned)?\b|reputation)",
    bad=(
        r"(?:block|black|ban(?:ned|ning)?\b|reject|refus|den(?:y|ied)|listed|invalid|reputation|"
        r"suspicious|unknown|unresolv|prohibit|no (?:a|mx|dns|ptr)\b|verif|null ?mx|spam|"
        r"not (?:be )?(?:exist|found|resolv|allow|accept|permit|valid)|"
        r"(?:n't|not) (?:exist|resolve|have))"
    ),
    gap=r"(?:[^;:.]|\.(?=\w)|<)",  # within one sentence
    permission=_PERMISSION,
)


def blames_us(text: str) -> bool:
    """True where a plain text blames the sender's server, domain or permission."""
    return bool(_BLAMES_US.search(text))


def links_to_list(words: str) -> bool:
    """True where a server's words name the site of a list that rates senders."""
    return bool(_LIST_LINK.search(words))
