"""Patterns for the wording of notices: failed recipients, failures, and other people."""

import re

from emag.mailing.refusal.phrases import any_of

_ADDRESS = r"(?P<a>[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,255})"

# A field in a text that names a failed recipient.
NAMING_FIELD = re.compile(
    r"^\W{0,8}(?:x-failed-recipients?|final-recipient|original-recipient|error-for|"
    r"(?:failed|undeliverable|rejected)[- ]recipients?)\s*:\s*(.+)$",
    re.IGNORECASE,
)
# An address that fills its line, or begins it as the subject of the sentence.
AT_LINE_START = re.compile(
    rf"^(?:\s*\d{{1,3}}[.)]\s)?(?:\s*\"[^\"@]{{1,80}}\"\s*<)?[\s\W]{{0,12}}{_ADDRESS}"
    r"(?:>|'|\"|\s)*(?:$|<mailto:|\(|:|;|\.\.\.|,|-+\s|=+>|\s{2,}\S|"
    r"\s(?:on|at|am|le|el|il|op) (?:\w{3},|\d)|"
    r"\s(?:error|unknown|user|failed|rejected|was|is|has|does|not|invalid|mailbox|[45]\d\d)\b)",
    re.IGNORECASE,
)
# “Your message to”: the words right before a recipient's address.
ADDRESSED = re.compile(
    r"(?:\b(?:message|mail|e-?mail|delivery|deliver(?:ed|ing)?|deliverable|sent|reach(?:ed)?)"
    r"\b(?: (?:the |your |this |following )?(?:message|mail|e-?mail|address|recipient))?"
    r"\s(?:to|for|at|was sent to)|\b(?:nachricht|e-?mail|mail|message|mensaje|mensagem|messaggio)"
    r"\s(?:an|à|para|a)|\breach|письмо для)[\s:<'\"*]{1,4}$",
    re.IGNORECASE,
)
# SMTP commands and replies that name a recipient.
IN_DIALOGUE = re.compile(
    r"(?:rcpt[: ]*(?:to)?[:\s=]{1,4}|recipient(?: address)?[:\s=]{1,4}|"
    r"(?<!sender )(?<!from )(?<!return )(?<!reply )address[:\s]{1,3}|\bt=\[?|"
    rf"[45][0-57]\d[\s#-]{{1,3}}(?:[245]\.\d{{1,2}}\.\d{{1,3}}[\s:]{{1,3}})?)<?{_ADDRESS}",
    re.IGNORECASE,
)

# A failure of any kind.
FAILING = any_of(
    r"""
    undeliver|(?:not|n't) (?:be |been )?deliver|unable to (?:deliver|send|reach)
    (?:delivery|deliver|delivering|delevery|transmission|mail|message)[^.]{0,60}<wrong>
    fail(?:ed|ure|s)?\b|could ?n[o']t|could not|can ?not|can't|was not|did not reach|returned
    bounce|unknown|invalid|not found|no such|no mail ?box|does not exist|doesn't exist
    unavailable|rejected
    not accepted|not (?:a )?(?:known|valid|member)|not listed|is full|exceeded|quota|disabled
    refused|fatal|permanent error|problem|has been delayed|expired|unroutable
    unzustellbar|nicht (?:zugestellt|ausgeliefert|möglich)|fehlgeschlagen|fehler|unbekannt
    pas pu|échec|echec|impossible|inconnu|no pudo|no se pudo|no ha podido|rechazad|error
    non è stato|impossibile|não pode|não foi|não pôde|niet worden|kan niet|niet bezorgd|mislukt
    не может|не доставлен|не удалось|не найден|nie został|nie można
    できません|届け|配信|エラー|不明|无法|無法|失败|退信|错误
    """,
    wrong=r"(?:fail|abort|error|problem|refused|rejected|return|delay|suspend|stopped|impossible)",
)
# The clear statement that a mail was not delivered.
UNDELIVERED = any_of(
    r"""
    undeliver|<not> (?:yet )?(?:be |been |have been |get |to )?(?:delivered|deliver|sent|reach)\b
    did not (?:reach the following|arrive)|not (?:a )?members?\b|no such user
    deliver\w*[^.]{0,60}\bfail|fail\w*[^.]{0,40}\bdeliver|permanent(?:ly)? (?:error|fail)
    (?:message|mail) (?:has been |was |is being |is )?(?:returned|rejected|bounced)
    (?:error|problem)s?[^.]{0,40}\bdeliver|(?:user|host|recipient) unknown
    nicht (?:zugestellt|ausgeliefert)|unzustellbar|n'a pas pu
    pas (?:pu )?(?:être|etre) (?:délivré|delivre|remis|livré|distribué)
    no (?:se )?(?:pudo|ha podido|puede)[^.]{0,20}entreg|não (?:pôde|foi|pode)[^.]{0,20}entreg
    non è stato (?:possibile )?(?:consegn|recapit)
    (?:kan niet|kon niet|niet worden)[^.]{0,20}(?:bezorgd|afgeleverd)|не (?:может|был|удалось)
    kunde inte levereras|kunne ikke leveres|nie można dostarczyć|配信できません|届けられません
    无法(?:投递|发送|送达)|無法(?:投遞|傳送)|退信
    """,
    **{"not": r"(?:not|n't|never|unable to|failed to|cannot|impossible to)"},
)

# Words before an address that show that it is not the recipient's.
BYSTANDER = any_of(
    r"""
    \b(?:from|sender|reply-to|cc|bcc|contact|mailto|questions|help|support|assistance|ask)\b<gap>
    \b(?:envelope-from|mail from|helo|ehlo|sent by|return-path|by|identity)\b<gap>
    \b(?:write to|yourself)\b<gap>
    \b(?:please|or) (?:e-?mail|mail)\b<gap>
    (?:^|[.,;:!?(]|\b(?:please|or|and|can|may))\s*(?:write|send|forward|report|reply)\b<gap>
    \b(?:hello|hi|dear|bonjour)\b<gap>
    \bmessage[- ]?id\W{0,4}$
    \b(?:new (?:one|address|e-?mail)|forward(?:ed|ing)? to|moved to|changed to|instead)\b<gap>
    (?:wenden|schreiben|kontakt|écri|contact|escr[ei]v?|scriv|neem|pis|свяжит|обратит|联系|聯絡|お問い)<gap>
    """,
    gap=r"[^@.]{0,40}$",
)
# Words before the address that the message was sent to, although a bystander pattern matches.
GENERATED = re.compile(
    r"(?:generated|expanded|forwarded|redirected) (?:from|by)$|"
    r"\btried to (?:contact|reach|e-?mail)$",
    re.IGNORECASE,
)
# A line before an address that is not the recipient's.
INTRODUCES_OTHER = re.compile(
    r"\b(?:sent by|from|sender|contact|message-?id|references|in-reply-to|return-path|"
    r"(?:send|write|mail|reply|speak) to|to the address|reach us at)\W{0,3}$",
    re.IGNORECASE,
)
# “Recipient: ann@example.net” in a notice.
RECIPIENT = re.compile(
    r"^\W{0,8}(?:(?:[a-z]{2,15} )?(?:recipients?|rcpt)"
    r"(?:\(s\))?(?: address(?:es)?| to)?|empfänger|destinataires?|destinatarios?|destinatari|"
    r"ontvangers?|odbiorca|получател[ьи]|收件人|收件者|宛先)\s?[:=：]\s*(.+)$",
    re.IGNORECASE,
)
# “To: …”: a recipient of the message, which need not be the failed one.
SENT_TO = re.compile(
    r"^\W{0,8}(?:to|cc|envelope-to|an|à|para|a|aan|do|кому)\s?:\s*(.+)$", re.IGNORECASE
)
# “Sender: …”: an address of somebody else.
OTHER_FIELD = re.compile(
    r"^\W{0,8}(?:(?:the )?message[- ]?(?:id|identifier|reference)(?: (?:was|is))?|in-reply-to|"
    r"references|return-path|(?:envelope |original )?(?:mail[- ])?from|sender(?: address| is)?|"
    r"(?:x-)?envelope[- ](?:from|sender)|reply-to|x-sender|errors-to|received|sent by|"
    r"contact(?: us)?|postmaster|administrator|operator|questions?|help|support|"
    r"fragen|frågor|dudas|dúvidas|domande|vragen|pytania|вопросы|문의|お問い合わせ|联系人|e-?mail|absender|von|expéditeur|de|remitente|mittente|da|"
    r"afzender|van|nadawca|отправитель|от кого|发件人|寄件者|差出人)\s?[:=：]\s*(.+)$",
    re.IGNORECASE,
)
# Nobody reads mail to these addresses; only a returned copy can show that one is the recipient.
MACHINE = re.compile(
    r"^(?:mailer[-_.]?daemon|post_?master|(?:do-?)?no-?t?-?reply|mail\.delivery\.system)@",
    re.IGNORECASE,
)
# Addresses for help: a sentence that names one mostly says where to ask.
OFFICIAL = re.compile(
    r"^(?:abuse|help-?desk|support|admin(?:istrator)?|root|hostmaster|webmaster|info-?center|"
    r"service-?desk|it-?support)@",
    re.IGNORECASE,
)

# Delivery takes longer.
DELAYED = any_of(
    r"""
    (?:has|have|been) (?:not (?:yet )?been )?delayed|not yet been delivered
    warning (?:message )?only|will (?:be retried|continue|keep trying|try again|retry)
    still (?:trying|being)|no action is required|retried for|yet to be delivered
    delivery attempts will continue|\(delay\)|temporarily (?:delayed|deferred)
    noch nicht zugestellt
    """
)
GIVEN_UP = any_of(
    r"""
    permanent(?:ly)?|giv(?:en|ing) up|failed permanently|fatal error(?!s -)|will not be retried
    has been returned|returned to sender|undeliverable
    """
)
