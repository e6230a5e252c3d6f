"""The signs of spam that filters weigh in a newsletter: words, addresses, and how it is made.

Each is a fact that common filters (SpamAssassin, rspamd, the large mailbox providers) publish or
have been seen to act on. A sign is listed only where an honest newsletter can do without it.
"""

# Groups of words that sell. One is no fault by itself unless it is in the subject.
PHRASES = (
    *("100% free", "act now", "additional income"),
    *("be your own boss", "best price", "buy direct", "buy now", "cash bonus"),
    *(
        "casino",
        "cheap meds",
        "click below",
        "click here now",
        "congratulations you",
        "credit card offer",
    ),
    *(
        "dear friend",
        "double your",
        "earn extra cash",
        "earn money",
        "eliminate debt",
        "extra cash",
    ),
    *("fast cash", "financial freedom", "free gift", "free money", "free trial"),
    *(
        "get it now",
        "get paid",
        "get rich",
        "guaranteed income",
        "increase sales",
        "incredible deal",
    ),
    *("limited time", "lose weight", "lowest price", "make money"),
    *("money back", "no catch", "no cost", "no credit check", "no hidden costs", "no obligation"),
    *("not spam", "offer expires", "once in a lifetime", "one time offer", "online pharmacy"),
    *("order now", "pure profit", "risk free", "risk-free", "satisfaction guaranteed"),
    *("special promotion", "this is not spam", "this isn’t spam", "urgent reply", "viagra"),
    *("while supplies last", "work from home and earn", "you have been selected"),
)
MOST_PHRASES = 2  # of different ones in a whole mail

# Services that hide where a link leads. Blocklists hold most of them.
SHORTENERS = frozenset(
    {
        *("adf.ly", "bit.ly", "buff.ly", "cutt.ly", "goo.gl", "is.gd", "ow.ly", "rb.gy"),
        *("rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd"),
    }
)

FEWEST_WORDS = 12  # of a mail with pictures: one that is pictures alone is taken for spam
