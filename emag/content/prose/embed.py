"""Names what a page embeds: players, posts of social networks, maps and forms."""

import re

_HOSTS = (
    (r"(?:youtube(?:-nocookie)?\.com|youtu\.be)", "Video on YouTube"),
    (r"vimeo\.com", "Video on Vimeo"),
    (r"(?:dailymotion\.com|dai\.ly)", "Video on Dailymotion"),
    (r"tiktok\.com", "Video on TikTok"),
    (r"(?:wistia\.(?:com|net)|loom\.com)", "Video"),
    (r"twitch\.tv", "Video on Twitch"),
    (r"spotify\.com", "Audio on Spotify"),
    (r"soundcloud\.com", "Audio on SoundCloud"),
    (r"(?:embed\.)?podcasts\.apple\.com", "Podcast on Apple Podcasts"),
    (r"(?:bandcamp|mixcloud)\.com", "Music"),
    (r"(?:audioboom|acast|buzzsprout|libsyn|podbean|simplecast)\.com", "Podcast"),
    (r"(?:transistor|captivate|anchor|omny|omnystudio|spreaker)\.(?:com|fm)", "Podcast"),
    (r"(?:twitter|x)\.com", "Post on X"),
    (r"bsky\.app", "Post on Bluesky"),
    (r"instagram\.com", "Post on Instagram"),
    (r"threads\.(?:net|com)", "Post on Threads"),
    (r"facebook\.com", "Post on Facebook"),
    (r"linkedin\.com", "Post on LinkedIn"),
    (r"reddit\.com", "Post on Reddit"),
    (r"(?:mastodon\.\w+|mstdn\.\w+)", "Post on Mastodon"),
    (r"(?:slideshare\.net|speakerdeck\.com)", "Slides"),
    (r"(?:datawrapper\.de|dwcdn\.net|flourish\.studio|infogram\.com)", "Chart"),
    (r"(?:issuu|scribd)\.com", "Document"),
    (r"(?:openstreetmap\.org|maps\.google\.\w+|google\.[a-z.]+/maps)", "Map"),
    (r"(?:docs\.google\.com/forms|typeform\.com|forms\.office\.com|jotform\.com)", "Form"),
)
_OF_ADDRESS = tuple(
    (re.compile(rf"https?://(?:[\w-]+\.)*{host}(?:[/?#]|$)", re.IGNORECASE), name)
    for host, name in _HOSTS
)
_OF_CLASS = (
    (
        re.compile(
            r"(?:^|\s)(?:twitter-(?:tweet|video|timeline)|tweet|wp-block-embed-twitter"
            r"|is-provider-(?:twitter|x))(?:\s|$)"
        ),
        "Post on X",
    ),
    (
        re.compile(r"(?:^|\s)(?:bluesky-embed|is-provider-bluesky(?:-social)?)(?:\s|$)"),
        "Post on Bluesky",
    ),
    (
        re.compile(r"(?:^|\s)(?:instagram-media|instagram-embed|is-provider-instagram)(?:\s|$)"),
        "Post on Instagram",
    ),
    (re.compile(r"(?:^|\s)(?:tiktok-embed|is-provider-tiktok)(?:\s|$)"), "Video on TikTok"),
    (re.compile(r"(?:^|\s)(?:fb-post|fb-video|is-provider-facebook)(?:\s|$)"), "Post on Facebook"),
    (re.compile(r"(?:^|\s)(?:mastodon-embed|is-provider-mastodon)(?:\s|$)"), "Post on Mastodon"),
    (
        re.compile(r"(?:^|\s)(?:reddit-(?:embed-bq|card)|is-provider-reddit)(?:\s|$)"),
        "Post on Reddit",
    ),
    (
        re.compile(r"(?:^|\s)(?:youtube-wrap|is-provider-youtube|wp-block-embed-youtube)(?:\s|$)"),
        "Video on YouTube",
    ),
    (
        re.compile(r"(?:^|\s)(?:vimeo-wrap|is-provider-vimeo|wp-block-embed-vimeo)(?:\s|$)"),
        "Video on Vimeo",
    ),
    (re.compile(r"(?:^|\s)(?:spotify-wrap|is-provider-spotify)(?:\s|$)"), "Audio on Spotify"),
    (
        re.compile(r"(?:^|\s)(?:soundcloud-wrap|is-provider-soundcloud)(?:\s|$)"),
        "Audio on SoundCloud",
    ),
    (re.compile(r"(?:^|\s)(?:sqs-video-wrapper|wp-block-video|kg-video-card)(?:\s|$)"), "Video"),
    (re.compile(r"(?:^|\s)(?:sqs-audio-embed|wp-block-audio|kg-audio-card)(?:\s|$)"), "Audio"),
)
_NAMES = {"Video", "Audio", *(name for _, name in (*_HOSTS, *_OF_CLASS))}
_MARKED = re.compile(r"twe|embed|provider|media|fb-|wrap|video|audio|reddit|mastodon")


def by_address(address: str) -> str:
    """What stands at an address, such as “Video on YouTube”; empty where it is unknown."""
    full = f"https:{address}" if address.startswith("//") else address
    return next((name for pattern, name in _OF_ADDRESS if pattern.match(full)), "")


def by_class(classes: str) -> str:
    """What an element with these classes embeds; empty for any other."""
    if not _MARKED.search(classes):
        return ""
    return next((name for pattern, name in _OF_CLASS if pattern.search(classes)), "")


def only_address(text: str) -> str:
    """The name of what a paragraph embeds that is nothing but an address."""
    return by_address(text) if text.startswith(("http://", "https://")) and " " not in text else ""


def is_name(text: str) -> bool:
    """True for the name of something embedded, which stands where there is no text."""
    return text in _NAMES
