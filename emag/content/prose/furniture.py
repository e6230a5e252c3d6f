"""Knows the furniture of pages: what stands beside an article and is no part of it."""

import re
from functools import lru_cache

LONGEST = 240  # characters; a longer line is prose

_CREDIT = re.compile(
    r"^[(\[]?\s*(?:(?:main|header|lead|cover|hero|featured?|feature|banner|top|title|stock|file"
    r"|library)\s+)?"
    r"(?:images?|pictures?|photos?|photographs?|photography|illustrations?|artwork|pic|cartoon"
    r"|graphic|video|llun|lluniau|ffoto)"
    r"(?:\s+(?:credits?|source|copyright|caption|description|text))?(?:\s*[:©|–—]|\s+(?:by|courtesy|via|copyright"
    r"|from|supplied)\b|\s*/\s)"
    r"|^(?:credits?|caption|alt text|source|ffynhonnell|copyright|©|\(c\))\s*[:©]?\s+(?!of\b"
    r"|to\b).{0,90}$"
    r"|^getty images?$",
    re.IGNORECASE,
)
_BUTTON = (
    r"facebook|twitter|x|x \(twitter\)|linkedin|linked ?in|whatsapp|pinterest|pin ?it|reddit"
    r"|tumblr|telegram|pocket|bluesky"
    r"|mastodon|threads|instagram|youtube|rss|e-?mail|print|tweet|share|shares?|like|more|save"
    r"|copy link|bookmark|messenger"
    r"|flipboard|xing|print ?friendly|pdf|google\+?|digg|stumbleupon|skype|rhannu|argraffu|e-?bost"
)
_SHARE = re.compile(
    rf"^(?:(?:{_BUTTON})(?:[\s,|·•/&+-]+(?:and\s+)?|$))+(?:\(opens in (?:a )?new window\))?$"
    r"|^(?:please\s+)?(?:share|tweet|print|e-?mail|pin|like|save|bookmark|rhannwch"
    r"|rhannu)\s+(?:this|on|via|to|it|with|the|hwn|y)\b.{0,60}$"
    r"|^(?:share|tweet|print|share/save|like|rhannu)\s*:?$|^like (?:this )?loading\.*…?$"
    r"|^loading\.*…?$"
    r"|^click (?:here )?to (?:share|print|e-?mail|tweet|expand|enlarge|view larger)\b|^(?:print"
    r"|print friendly|printer)[ -]?(?:friendly)?\b.{0,30}$"
    r"|^\d+\s+(?:shares?|likes?|comments?|views?|claps?|reactions?|replies|responses?"
    r"|retweets?)(?:\s.{0,30})?$"
    r"|^(?:no|leave a|add a|post a|view|see|read|show)\s*(?:all )?(?:\d+ )?(?:comments?|repl(?:y"
    r"|ies))\b.{0,30}$|^comments?(?: \(\d+\)| (?:are )?(?:closed|off).{0,60})?$"
    r"|^(?:subscribe|sign up|follow us|follow me|join our|get our|like us|find us|tanysgrifi\w*"
    r"|dilynwch)\b.{0,140}$",
    re.IGNORECASE,
)
_TAGS = re.compile(
    r"^(?:in\s+[\w\s&+,/’'-]{1,60}\s+)?(?:tags?|tagged|labels?|keywords|topics?|categor(?:y|ies)"
    r"|filed|tagiau|categor[iï]au)\s*[:|-]\s*\S.{0,200}$"
    r"|^(?:tags|labels|tagged(?: (?:with|as|in|under))|filed (?:under|in)|posted in)\b"
    r"\s*[:|-]?\s+\S.{0,200}(?<![.!?])$"
    r"|^(?:tags?|labels?|categor(?:y|ies))\s*:?$|^in\s+[\w\s&+,/’'-]{2,60}\s+tags?\b.{0,160}$"
    r"|^(?:#[\w-]+[\s,]*)+$",
    re.IGNORECASE,
)
_MORE = re.compile(
    r"^[(\[]?\s*(?:(?:click|tap) (?:here )?to )?(?:read|continue|keep|find out|see|view|learn"
    r"|discover|get|darllen|darllenwch|parhau)\s+(?:[\w’'-]+\s+){0,4}?"
    r"(?:more|mwy|reading|rest|here|story|article|post|interview|report)\b"
    r"[^.!?,]{0,60}[\s\])»›→>….]*$"
    r"|^to read (?:this|the|more)\b[^.!?]{0,60}click here\.?$|^(?:more|full (?:story|article|post"
    r"|details)|details|the rest|here|mwy)\s*(?:here)?\s*[»›→>…]+$|^[«‹←»›→>…★∞☆✦•·*#\-_=~|\s]+$"
    r"|^(?:∞\s*)?(?:permalink|link|source|via|comments?|\[link\]|\[(?:\d+ )?comments\]"
    r"|read ?comments|read|download|watch|listen)(?:\s+\[(?:\d+ )?comments\])?$",
    re.IGNORECASE,
)
_FEED = re.compile(
    r"^ymddangosodd\b|^(?:this|the) (?:post|article|story|entry|piece|blog)\b.{0,60}\b(?:was|is"
    r"|were) (?:originally |first )*(?:published|posted|reposted|syndicated|filed)\b"
    r"|^submitted by\s?/?u?\S+|^visit .{0,60} to (?:read|see)|^view (?:the )?(?:original"
    r"|in browser|online)\b|^see omnystudio\.com",
    re.IGNORECASE,
)
_MOVE = re.compile(
    r"^(?:[«‹←<]\s*)?(?:previous|prev|next|older|newer|earlier|later|back|blaenorol"
    r"|nesaf)\s*(?:post|article|story|entry|posts|page|up|news)?\s*(?:[:»›→>|]|$).{0,120}$"
    r"|^[«‹←].{0,120}$|^.{0,120}[»›→]$|^(?:back|return|skip|jump|go) to\b.{0,40}$|^(?:home|news"
    r"|blog)\s*[»›>/].{0,120}$|^page \d+ of \d+$",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"^(?:(?:posted|published|updated|last (?:updated|modified|reviewed)|date|created"
    r"|first published|release date|cyhoeddwyd|diweddarwyd)\b[\s:]*(?:on|at|ar)?[\s:]*)?"
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)(?:day)?,?\s+)?(?:\d{1,2}(?:st|nd|rd"
    r"|th)?[\s./-]+(?:[a-z]{3,9}|\d{1,2})[\s./,-]+\d{2,4}|[a-z]{3,9}\.?\s+\d{1,2}(?:st|nd|rd"
    r"|th)?,?\s+\d{4}|\d{4}-\d\d-\d\d)"
    r"(?:[\s,|·•@-]+(?:at\s+)?\d{1,2}[:.]\d\d\s*(?:am|pm)?)?(?:\s*[|·•–-].{0,60})?$"
    r"|^(?:estimated )?(?:reading|read|amser darllen)\s*(?:time)?\s*:?\s*\d+.{0,20}$|^\d+\s*(?:-"
    r"| )?min(?:ute)?s?(?: read(?:ing time)?| to read)?$|^(?:posted|published|updated"
    r"|last updated)\s*:?\s*$",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"^(?:advert(?:isement)?|sponsored(?: content| post)?|promoted|ad"
    r"|article continues below.{0,30}|story continues below.{0,30}|table of contents|contents"
    r"|in this (?:article|post)|cynnwys)\s*:?$"
    r"|^(?:your browser does not|this (?:video|browser|website uses)|we use cookies"
    r"|please enable javascript|javascript is|skip to|to view this video"
    r"|cookies?\b.{0,20}(?:policy|settings))"
    r"|^(?:listen to|watch) (?:this|the) (?:article|story|post|video|episode|podcast)\b.{0,60}$"
    r"|^(?:last )?(?:posted|updated|edited|modified|created) by .{2,60}? on .{0,30}\d.{0,30}$"
    r"|^(?:transcript|subscribe|login|log in|sign in|search|menu|home|contact us|get in touch)$"
    r"|^(?:editor[’']s note|note from the editor|disclaimer|disclosure|correction"
    r"|notes? to editors?)\b.{0,220}$|^(?:ends?|-+\s*ends?\s*-+|notes to editors)$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^(?:related(?: (?:posts?|articles?|stor(?:y|ies)|content|reading|links?|news|pages?))?"
    r"|similar (?:posts|articles|stories)|(?:you|readers) (?:may|might|will) also (?:like|enjoy"
    r"|be interested in).{0,20}"
    r"|more (?:from|like|in|on|by|stories|posts|news|articles)\b.{0,50}|read (?:next|this next"
    r"|also)|also read|further reading|recommended(?: (?:for you|reading|posts|articles))?"
    r"|about the author.{0,40}|author bio|(?:leave|post|add) a (?:comment|reply).{0,20}"
    r"|(?:\d+ )?(?:comments?|responses?|thoughts?) ?(?:on .{0,120})?(?:\(\d+\))?|most (?:read"
    r"|popular|viewed)|(?:latest|recent|popular|other) (?:news|posts|articles|stories"
    r"|from .{0,40})|share this(?: (?:post|article|story|page|entry))?|like this"
    r"|(?:newer|older) (?:posts?|entries)|post navigation|discussion about this post"
    r"|notes to editors?|sign up (?:to|for) (?:our|the) .{0,40}|subscribe(?: to .{0,60})?"
    r"|what to read next|keep reading|erthyglau (?:cysylltiedig|eraill)|darllenwch hefyd"
    r"|references|bibliography|sources|footnotes|endnotes|contacts?(?: us| details| information)?"
    r"|(?:press|media) (?:enquiries|contacts?|office)|transcript|acknowledge?ments?|cyfeiriadau"
    r"|about (?:us|(?:the )?(?-i:[A-Z])[^.!?:]{2,60})"
    r"|[-–—*#=\s]*(?:ends?|diwedd|# ?# ?#)[-–—*#=\s]*"
    r"|don[’']t miss.{0,30})\s*[:…?]?$",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:[\[(]?\s*(?:continue reading|read (?:more|on|the (?:full|rest|whole"
    r"|original)\b[^.!?]{0,60}|full (?:story|article|post))|keep reading|find out more"
    r"|darllen mwy)(?: here| on[^.!?]{0,60}| about[^.!?]{0,60}"
    r"|[:\s]+[^.!?]{0,80}(?=\s*[→»›]))?\s*[\])]?\s*(?:[→»›>…]+|\.\.\.)\s*"
    r"|[\[(]?\s*(?:continue reading|read more|keep reading|darllen mwy)(?: here| on)?\s*[\])]?\s*"
    r"|[(\[]more(?:…|\.{3})?[)\]]|more\s*[→»›]+"
    r"|(?:(?<=…)|(?<=\.\.)|(?<=\]))\s*(?:continue|keep) reading\b[^.!?]{0,140}"
    r"|the post\s.{0,200}?\s(?:first appeared on|appeared first on)\s.{1,120}"
    r"|submitted by\s*/?u/\S+.*|\[link\]\s*\[(?:\d+\s)?comments\]|∞\s*permalink|[★∞]"
    r"|see omnystudio\.com/listener for privacy information\.)$",
    re.IGNORECASE,
)
_SHORTCODE = re.compile(
    r"\[/?(?:(?:vc|et_pb|fusion|av|tie|su|dt)_\w+|caption|gallery|embed|video|audio|youtube|dropcap)"
    r"(?:\s[^\]]{0,500})?\]"
)
# All of these begin at the start of the line: `match` is many times faster than `search`.
_RULES = (_CREDIT, _SHARE, _TAGS, _MORE, _FEED, _MOVE, _DATE, _OTHER)
_INSIDE = re.compile(
    r"\b(?:on|via) (?:unsplash|pexels|pixabay|flickr|shutterstock|istock|getty images)\.?\)?$"
    r"|/(?:getty|shutterstock|alamy|pa|reuters|afp|epa|ap|istock|adobe stock)\b[^.]{0,30}$"
    r"|\b(?:appeared first on|first appeared (?:on|in|at)|was (?:originally|first) (?:published"
    r"|posted) (?:on|in|at|by)|originally (?:published|posted|appeared) (?:on|in|at))\b",
    re.IGNORECASE,
)
# Most lines have none of these, and then the costly patterns cannot be there either.
_INSIDE_HINTS = re.compile(
    r"/|appeared|published|posted|unsplash|pexels|pixabay|flickr|shutterstock|istock|getty"
)
_TAIL_HINTS = re.compile(
    r"read|full |more|mwy|appeared|submitted by|comments\]|permalink|[★∞]|omnystudio"
)
# “CARDIFF, 3 March 2026 – ” at the start of a press release.
_DATELINE = re.compile(
    r"^[A-Z][\w.’'&-]*(?: [A-Z][\w.’'&-]*){0,3}(?:, [A-Z][\w. ]{1,20})?\s?[,(]\s?"
    r"(?:\d{1,2}(?:st|nd|rd|th)? )?"
    r"[A-Z][a-z]{2,8}\.?(?: \d{1,2},?)?(?: 20\d\d)?\)?\s?(?:[–—:-]|\s/+|--)\s+(?=[A-Z“\"‘'])"
)
_DATED = 60  # characters that a dateline takes
_ITEMS = re.compile(r"^(?:\(?\d{1,2}[.)](?!\d)|\(?[a-z]\)|[•·●▪◦‣*–—-]|[ivx]{1,4}[.)])\s+")

# The classes and ids of furniture; each must be a whole word, or a whole beginning of one.
_CLASSES = re.compile(
    r"(?:^|[\s])(?:sharedaddy|sd-\S+|jp-relatedposts\S*|jp-post-flair|jetpack-\S+|sharethis\S*"
    r"|st-(?:btn|inline|sticky)\S*|addtoany\S*|a2a_\S+|addthis\S*|printfriendly\S*|pf-\S+"
    r"|print-?button\S*"
    r"|social-?(?:share|sharing|icons|links|media|buttons?|bar)\S*|share-?(?:buttons?|links?|bar"
    r"|tools|this|post|icons|widget|list)?|sharing\S*|post-?shar\S+|entry-?shar\S+|heateor\S*"
    r"|ssba\S*|shareaholic\S*|ssb\S*|wp-block-jetpack-(?:sharing|like|related|subscri)\S*"
    r"|related|related-\S+|relatedposts?\S*|yarpp\S*|crp_\S+|rp4wp\S*|post-?navigation|nav-?links"
    r"|nav-(?:previous|next|single)|navigation|post-nav\S*|entry-nav\S*|pagination\S*|pager\S*"
    r"|item-pagination\S*|breadcrumbs?\S*|blog-item-(?:meta-tags|pagination|share|comments)\S*"
    r"|BlogItem-share|Share|squarespace-(?:social|comments)\S*|sqs-block-(?:newsletter|form"
    r"|summary|socialaccountlinks|socialaccountlinks-v2|archiveblocks|tagcloud|search|menu)\S*"
    r"|tags?-links|post-?tags?|entry-?tags?|tag-list|tagcloud|tags?|cat-links|entry-categories"
    r"|comments?|comments?-(?:area|link|section|respond|list)|respond|disqus\S*|newsletter(?:-(?:sign|form|box|cta|banner)\S*)?"
    r"|subscri(?:be|ption)\S*|kg-signup-card|kg-cta-card|kg-product-card|kg-header-card"
    r"|button-wrapper|wp-block-buttons?|mc4wp\S*|mailchimp\S*|wpcf7\S*|gform\S*"
    r"|captioned-button-wrap"
    r"|cookie\S*|advert\S*|ad-(?:slot|unit|container)\S*|adsbygoogle|sponsor(?:ed)?-\S+|widget-area"
    r"|sidebar(?:-(?:widget|area|inner)\S*)?|screen-reader-text|screen-reader|visually-?hidden|sr-only|element-invisible"
    r"|skip-?link\S*|blogger-post-footer|feedflare|post-footer|entry-footer|author-?box\S*"
    r"|author-?bio\S*|author-?info\S*|about-author\S*|saboxplugin\S*|abh_\S+|reading-?time"
    r"|rt-reading-time|span-reading-time|toc|ez-toc\S*|lwptoc\S*|table-of-contents"
    r"|wp-block-post-(?:terms|navigation-link|comments)\S*|node__links|links"
    r"|field--name-(?:field-tags|title|uid|created)|addthis_\S+|govuk-(?:back-link|breadcrumbs|related)\S*"
    r"|gem-c-(?:related|share|contextual|breadcrumbs)\S*|feedback\S*|promo\S*|most-read\S*"
    r"|post-ratings\S*|wp-polls\S*|swp_\S+|essb_\S+|gh-(?:navigation|subscribe|readmore|share)\S*"
    r"|subscription-widget\S*|post-ufi\S*|pencraft-share|(?:wp-block-)?footnotes?(?:-(?:content|number"
    r"|item|list))?|kg-bookmark-\S+|embedded-post\S*|digest-post-embed|wp-embedded-content"
    r"|wp-block-post-author(?:__(?:bio|avatar)|-biography)|hs-author\S*|hs-cta\S*"
    r"|hubspot-topic-data|properties|property-row\S*|table_of_contents\S*|beehiiv__footer\S*"
    r"|[\w-]*author[\w-]*(?:box|bio|card|info|descr|profile|about)[\w-]*|m-a-box\S*|ppma-\S+"
    r"|(?:[\w-]*[_-])?cta(?:[_-][\w-]*)?|[\w-]*call-to-action[\w-]*|give-form\S*|donat(?:e|ion)-\S+"
    r"|\S*click-to-tweet\S*|bctt-\S+|(?:wp-block-)?pullquote|kg-toggle-card"
    r"|hs_cos_wrapper_type_(?:form|cta|blog_comments|blog_subscribe|social_sharing|related_\S+)"
    r"|recommendations?|about-the-author|(?:author|writer|contributor)-(?:card|profile"
    r"|description|biography)\S*|(?:post|entry)-author-(?:bio|box|description|info)\S*"
    r"|elementor-(?:author-box\S*|posts?(?:-(?:navigation|info)\S*|__\S+)?|share-\S+"
    r"|widget-(?:posts|post-\S+|share-buttons|author-box|table-of-contents|search-form"
    r"|social-icons|form|nav-menu|button)))(?=$|\s)"
)
_HINTS = re.compile(
    r"shar|sd-|jp-|jetp|st-|a2a|addt|print|pf-|social|heat|ssb|relat|yarp|crp|rp4|nav|pag|bread"
    r"|blog|sqs|squa|tag|cat|comm|resp|disq|news|subs|kg-|butt|mc4|mail|wpc|gfo|capt|cook|ad|spon"
    r"|widg|side|scre|vis|sr-|inv|skip|feed|foot|auth|sab|abh|read|toc|cont|link|promo|most|rat"
    r"|field|poll|swp|ess|gh-|gem|govuk|pen|elem|hs-|hubs|beeh|reco|prop|table|embedded|digest|note"
    r"|writ|cont|post|m-a-|ppm|clic|bctt|cta|call-|give|dona|pull|hs_c",
    re.IGNORECASE,
)


def is_furniture(text: str) -> bool:
    """True for a line that is no part of the article: a credit, a button, a tag, a date."""
    if len(text) > LONGEST:
        return False
    return any(rule.match(text) for rule in _RULES) or (
        bool(_INSIDE_HINTS.search(text.lower())) and bool(_INSIDE.search(text))
    )


def ends_article(text: str) -> bool:
    """True for a heading after which no line belongs to the article."""
    return len(text) <= LONGEST and bool(_AFTER.match(text))


def trimmed(text: str) -> str:
    """A paragraph without the furniture at its end, and without its number in a list."""
    start = _ITEMS.match(text)
    rest = text[start.end() :] if start else text
    rest = _undated(rest) if "20" in rest[:_DATED] else rest
    rest = _SHORTCODE.sub("", rest).strip() if "[" in rest else rest
    while (tail := _tail(rest)) and tail.group():
        rest = rest[: tail.start()].rstrip()
    return rest


def _undated(text: str) -> str:
    dateline = _DATELINE.match(text)
    return text[dateline.end() :] if dateline and "20" in dateline[0] else text


def _tail(text: str) -> re.Match[str] | None:
    start = max(0, len(text) - LONGEST)
    return _TAIL.search(text, start) if _TAIL_HINTS.search(text[start:].lower()) else None


@lru_cache(maxsize=4096)
def is_furniture_class(classes: str) -> bool:
    """True for the classes and id of an element that is furniture, with all that it holds."""
    return bool(_HINTS.search(classes) and _CLASSES.search(classes))
