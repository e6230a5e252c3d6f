"""emag.toml and the environment, typed, read once."""

from emag.settings.alerts import AlertSettings
from emag.settings.checks import ChecksSettings
from emag.settings.environment import Environment, check_base_url
from emag.settings.kinds import is_loopback
from emag.settings.pictures import PictureSettings
from emag.settings.read import load, overrides, parse, read_text
from emag.settings.readers import Privacy, Signup
from emag.settings.returns import FeedbackSettings, MailboxSettings
from emag.settings.schedule import Schedule
from emag.settings.tables import (
    NetworkSettings,
    Publication,
    SectionSettings,
    Settings,
    SourceSettings,
    TransportSettings,
)
from emag.settings.theme import Theme
from emag.settings.themes import shipped_templates

__all__ = [
    "AlertSettings",
    "ChecksSettings",
    "Environment",
    "FeedbackSettings",
    "MailboxSettings",
    "NetworkSettings",
    "PictureSettings",
    "Privacy",
    "Publication",
    "Schedule",
    "SectionSettings",
    "Settings",
    "Signup",
    "SourceSettings",
    "Theme",
    "TransportSettings",
    "check_base_url",
    "is_loopback",
    "load",
    "overrides",
    "parse",
    "read_text",
    "shipped_templates",
]
