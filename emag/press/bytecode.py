"""Keeps compiled templates for the whole process: to compile one takes longer than to render it."""

from hashlib import sha256
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

MOST = 1_000  # templates; far more than are shipped

_code: dict[tuple[object, ...], CodeType] = {}


class SharedBytecode(BytecodeCache):
    """Gives an environment what another one like it has compiled from the same text.

    Jinja2 calls a filter while it compiles where the filter's input is constant. So environments
    whose filters give different results must be given different `values`.
    """

    def __init__(self, *values: object) -> None:
        """`values` are what filters depend on; their `repr` tells them apart."""
        self._values = sha256(repr(values).encode()).hexdigest()

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """In ASCII: Jinja2 would fail at a folder's name that the locale cannot write."""
        return super().get_cache_key(name, ascii(filename))

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = _code.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(_code) >= MOST:
            _code.clear()
        if bucket.code:
            _code[self._key(bucket)] = bucket.code

    def _key(self, bucket: Bucket) -> tuple[object, ...]:
        of = bucket.environment
        flags = (of.autoescape, of.trim_blocks, of.lstrip_blocks, of.keep_trailing_newline)
        return bucket.key, bucket.checksum, type(of), flags, self._values
