"""Jinja2's sandbox, which judges each attribute of each type once and not at every use."""

from typing import Any

from jinja2.sandbox import ImmutableSandboxedEnvironment

_MOST = 10_000  # judgements that are kept; templates and types are few


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2 judges an attribute by its name and by the type that it belongs to, nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._judgements: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        key = type(obj), attr
        is_safe = self._judgements.get(key)
        if is_safe is None:
            is_safe = super().is_safe_attribute(obj, attr, value)
            if len(self._judgements) < _MOST:
                self._judgements[key] = is_safe
        return is_safe
