"""Chooses the codec for a charset that a mail names."""

import codecs
import re

# The codecs that mail uses, by Python's own names. Others (idna, punycode, unicode_escape, …) have
# other purposes, and some take minutes for a long text. UTF-7 is left out: nothing sends it.
_CHARSETS = re.compile(
    r"ascii|utf-(?:8|8-sig|16|16-le|16-be|32|32-le|32-be)|iso8859-\d{1,2}|cp\d{3,4}|koi8-[rtu]|"
    r"gb2312|gbk|gb18030|hz|big5|big5hkscs|shift_jis|shift_jis_2004|shift_jisx0213|euc_jp|"
    r"euc_jis_2004|euc_jisx0213|euc_kr|johab|iso2022_(?:kr|jp(?:_[123]|_2004|_ext)?)|"
    r"mac-(?:roman|cyrillic|latin2|greek|turkish|iceland)|tis-620|ptcp154|kz1048|latin-1"
)


def text_codec(charset: str) -> str:
    """Python's name of a codec that mail uses, or “utf-8” for any other charset."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    return name if _CHARSETS.fullmatch(name) else "utf-8"
