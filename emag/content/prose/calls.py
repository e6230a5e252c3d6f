"""Knows sentences that ask something of the reader: to subscribe, share, donate or comment."""

import re

from emag.content.prose.block import words
from emag.content.prose.sentences import sentences

_SERVICES = (
    r"(?:apple podcasts|itunes|spotify|google podcasts|amazon music|audible|youtube|soundcloud"
    r"|wherever you|podcast (?:app|player)|facebook|twitter|instagram|linkedin|bluesky|mastodon"
    r"|tiktok|threads|whatsapp|substack|patreon)"
)
_PAGE = (
    r"(?:story|article|report|post|interview|text|version|statement|press release|news release"
    r"|episode|blog|list|letter|speech|document)"
)
_PUBLICATION = r"(?:post|newsletter|article|publication|edition|issue|story|episode|e-?mail)"
_CALL = re.compile(
    # Of newsletters
    r"(?:many )?(?:thank you|thanks|diolch)\b.{0,20} (?:for|am) (?:\w+ing|your|ddarllen)\b(?!.{90})"
    r"|(?:this|the) page was (?:last )?(?:updated|reviewed|published|modified|changed)\b"
    r"|(?:am|i gael) (?:ragor|fwy|mwy) o wybodaeth\b|join .{2,40} (?:for free|today|now)\b.{0,60}"
    r"|if you(?:[’']ve| have)? been affected by\b"
    rf"|this {_PUBLICATION} is (?:public|free|sponsored|brought to you|supported by|(?:only )?for"
    r" (?:paid|paying|our)|reader-supported)"
    rf"|(?:was|has) this {_PUBLICATION} (?:been )?forwarded|forwarded this|(?:was|did somebody)"
    r" forward"
    rf"|you(?:[’']re| are|[’']ve| have)?(?: been)? receiv\w+ this|this {_PUBLICATION} was sent"
    r"|(?:want|wish|would you like|to) (?:to )?(?:change how you receive|unsubscribe|update your"
    r" (?:preferences|details)|stop receiving|manage your)"
    r"|(?:you can |please )?(?:unsubscribe|update your (?:preferences|details)|manage your"
    r" (?:preferences|subscription)|change your preferences)"
    r"|(?:view|read|open|see) this (?:e-?mail|newsletter|message) (?:in|on)"
    r"|(?:.{3,60} is a reader-supported (?:publication|newsletter)|to (?:receive|get) new posts)"
    r"|(?:please )?(?:consider (?:becoming|supporting|subscribing|donating|sharing|making a)"
    r"|upgrade to|become an? (?:\w+ )?(?:member|patron|subscriber|supporter|friend)"
    r"|support (?:us|our work|my work)|buy (?:me|us) a)"
    r"|(?:can[’']?t|cannot|unable to) (?:see|read|view) this|(?:having )?trouble (?:viewing"
    r"|reading|seeing)"
    r"|if you(?:[’']ve| have)?(?: not|n[’']t)?(?: yet)?(?: already)? subscribed\b"
    r"|welcome (?:back )?to .{2,60}\b(?:newsletter|blog|issue|edition|podcast|episode|series"
    r"|website)\b"
    r"|already an? (?:\w+ )?(?:member|subscriber)|not (?:yet )?an? (?:\w+ )?(?:member|subscriber)\b"
    r"|(?:this is )?(?:the )?(?:first|second|third|fourth|fifth|last|latest|final"
    r"|part \w{1,6})\b.{0,40}"
    r"\b(?:of|in) (?:a |an |our |the |this )?(?:\w+[ -]){0,3}(?:posts?|parts?|articles?|series"
    r"|instal?ments?"
    r"|blogs?)\b"
    r"|(?:no spam|we respect your privacy|we (?:will )?never share your)"
    # Of blogs
    r"|(?:if|did|have) you(?:[’']ve| have)? (?:enjoy|like|love|f[oi]u?nd)\w* (?:this|it|our|what"
    r"|reading|these|my)\b(?!.{90})"
    r"|(?:so,? )?what (?:do|did) you (?:think|make of (?:it|this))\b.{0,30}\?"
    r"|(?:please )?(?:let|tell) (?:us|me|them) (?:know|what)\b.{0,60}(?:comments?|think|below"
    r"|thoughts|views|e-?mail)"
    r"|(?:please )?(?:leave|add|drop|post|share|send)(?: us| me)? (?:a |an |your |any )"
    r"(?:comments?|thoughts|views|reviews?|questions?|feedback|rating|line|reply)\b"
    r"|(?:please )?(?:join (?:in )?(?:the|our) (?:conversation|discussion|mailing list|newsletter)"
    r"|have your say (?:in|below))"
    rf"|(?:you can )?(?:listen|subscribe|follow|find|watch|stream|download|connect|join|like|chat)"
    rf"\b.{{0,90}}\b{_SERVICES}"
    r"|(?:please )?(?:share this|spread the word|pass (?:it|this) on|tell a friend|like and"
    r" subscribe|clap\b)"
    r"|(?:have you got|do you have|have you|got) an? (?:story|question|tip|idea|view|news"
    r"|event)\b.{0,60}\?"
    r"|(?:please )?(?:e-?mail|contact|call|ring|phone|write to|message) (?:us|me|our"
    r"|the (?:press|media|news"
    r"|editor|office|team))\b.{0,90}|(?:please )?get in touch\b.{0,90}"
    r"|(?:please )?(?:fill in|fill out|complete|use) (?:the|this|our) (?:\w+ )?form\b.{0,60}"
    # Of organisations
    r"|(?:for|to find|i gael) (?:more|further|all|any|additional|general|out more|press|media|mwy"
    r"|rhagor)\b.{0,30} ?(?:information|details?|enquir\w+|inquir\w+|queries|questions|more"
    r"|gwybodaeth|o wybodaeth)\b"
    r"|(?:press|media|news ?desk|editorial) (?:enquir\w+|inquir\w+|contacts?|queries|office)\b"
    r"[^.]{0,10}[:–-]"
    r"|(?:a )?registered (?:charity|company|office|in england)\b|charity (?:number|no\b|reg)"
    r"|company (?:number|no\b|registration)|elusen gofrestredig|rhif elusen"
    r"|(?:©|copyright\b)|.{0,80}\ball rights reserved"
    r"|(?:was|is) this (?:page|article|information|answer) (?:helpful|useful)|did you find what"
    r"|(?:is there )?(?:anything|something) wrong with this page|report a problem|help us improve"
    r"|(?:rate|review) (?:this|our) (?:page|article|post)"
    # To pages
    rf"|(?:you can |to |please )?(?:read|see|find|view|download|watch|hear|listen to) (?:the"
    rf"|our|his|her|their|this|all)? ?(?:full|whole|complete|original|rest of(?: the| this)?"
    rf"|entire) (?:\w+ )?{_PAGE}\b"
    r"|(?:please )?(?:read|see|find|view|watch|hear|listen to|download"
    r"|catch up on) .{1,60}\b(?:here|for free"
    r"|this link|on our website|below|online|in (?:your|a) browser)\b[^.!?]{0,20}[.!]?$"
    r"|(?:to|please) (?:learn|find out|hear|know|discover) more\b.{0,120}"
    r"|(?:please )?(?:click|tap|press|follow|use|see|visit) (?:here|on the|the (?:link|button"
    r"|image|picture|map|form)s?)\b.{0,60}"
    r"|(?:you can |please )?(?:find out|read|learn|discover|see) more (?:about|on|at|in|here)\b"
    r".{0,90}"
    r"|(?:please )?(?:book|register|apply|reserve|order|donate|enrol|buy|get|sign up)"
    r"(?: (?:your|a|an|the))?(?: \w+){0,2} (?:now|here|online|today|below)\b.{0,30}"
    r"|(?:welcome back|hello|hi)(?: (?:all|everyone|there|and welcome|friends|readers))?[!.]",
    re.IGNORECASE,
)
# The first words of calls: most sentences have others, and then no costly pattern is asked.
_FIRST = words(
    "many thank thanks diolch this was has forwarded did you want wish would to please unsubscribe"
    " update manage change view read open see consider upgrade become support buy already not no we"
    " if have so what let tell leave add drop post share send join listen subscribe follow find"
    " watch stream download connect like chat spread pass clap for i press media news newsdesk"
    " editorial a registered charity company elusen rhif copyright is there anything something"
    " report help rate review hear click tap use visit learn discover book register apply reserve"
    " order donate enrol get sign welcome hello hi can cannot can’t can't unable having trouble"
    " fill complete use part got do email e contact call ring phone write message catch the first"
    " am"
)
_MARKS = re.compile(r"[^\w©“‘\"']*")
_WORD = re.compile(r"[^\W\d_]+")
_LATE = ("reader-supported", "rights reserved", "©")  # words of calls that begin in any way
_ENDS = (". ", "! ", "? ")
LONGEST = 200  # characters of a call; a longer sentence says something else too


def without_calls(text: str) -> str:
    """The text without the calls at its beginning and its end; empty if it is nothing else."""
    last = max(text.rfind(end) for end in _ENDS)
    if not (_may_be_call(text) or _may_be_call(text[last + 2 :])):
        return text
    parts = sentences(text)
    start, end = 0, len(parts)
    while start < end and is_call(parts[start]):
        start += 1
    while end > start and is_call(parts[end - 1]):
        end -= 1
    return " ".join(parts[start:end]) if end - start < len(parts) else text


def is_call(sentence: str) -> bool:
    """True for a sentence that tells the reader what to do, and nothing of the story."""
    return len(sentence) <= LONGEST and bool(_CALL.match(sentence, _start(sentence)))


def _start(text: str) -> int:
    """Where the first word begins, behind emoji and arrows."""
    marks = None if text[:1].isalnum() else _MARKS.match(text)
    return marks.end() if marks else 0


def _may_be_call(text: str) -> bool:
    first = _WORD.match(text, _start(text))
    if first and first[0].lower() in _FIRST:
        return True
    return any(late in text for late in _LATE)
