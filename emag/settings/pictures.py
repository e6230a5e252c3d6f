"""The table [pictures] of emag.toml: where readers' mail programs fetch pictures from."""

from typing import Literal

from emag.settings.kinds import TomlTable


class PictureSettings(TomlTable):
    """`host`: “emag” keeps and serves copies itself; with “source” other sites see who reads."""

    host: Literal["emag", "source"] = "emag"
