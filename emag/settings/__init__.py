"""emag.toml and the environment, typed, read once."""

from emag.settings.kinds import is_loopback
from emag.settings.read import load
from emag.settings.tables import (
    Environment,
    Network,
    Publication,
    Schedule,
    SectionSettings,
    Settings,
    Signup,
    SourceSettings,
    Theme,
    TransportSettings,
    shipped_templates,
)

__all__ = [
    "Environment",
    "Network",
    "Publication",
    "Schedule",
    "SectionSettings",
    "Settings",
    "Signup",
    "SourceSettings",
    "Theme",
    "TransportSettings",
    "is_loopback",
    "load",
    "shipped_templates",
]
