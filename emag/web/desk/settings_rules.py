"""The page where an operator changes who approves, when issues leave, and what sections hold."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from emag.desk.settings_text import opened
from emag.editors.role import Permission
from emag.web.desk.access import DeskUser
from emag.web.desk.routing import routes
from emag.web.desk.settings_fields import FieldGroup, SettingField, section_fields
from emag.web.desk.settings_form import SettingsForm, save, sent_form, show
from emag.web.desk.shell import Shell

PATH = "/desk/settings/rules"
GROUPS = (
    FieldGroup(
        "publication",
        (
            SettingField("publication.title"),
            SettingField("publication.tagline"),
            SettingField("publication.postal_address"),
            SettingField("publication.reply_to"),
            SettingField("publication.editors", "list"),
            SettingField("publication.write_for_us"),
            SettingField("publication.write_for_us_text", "area"),
            SettingField("publication.kicker_case", "choice", ("as-given", "sentence", "upper")),
        ),
    ),
    FieldGroup(
        "schedule",
        (
            SettingField("schedule.draft", "times"),
            SettingField("schedule.send", "times"),
            SettingField("schedule.every", "number"),
            SettingField("schedule.from"),
            SettingField("schedule.holidays"),
            SettingField("schedule.on_holiday", "choice", ("before", "after", "skip", "send")),
            SettingField("schedule.skip", "list"),
            SettingField("schedule.minimum_stories", "number"),
        ),
    ),
    FieldGroup(
        "approval",
        (
            SettingField("schedule.approval", "choice", ("required", "automatic")),
            SettingField("schedule.if_unapproved", "choice", ("hold", "skip")),
            SettingField("approval.four_eyes", "choice", ("off", "warn", "required")),
            SettingField("approval.remind"),
            SettingField("approval.second"),
        ),
    ),
    FieldGroup(
        "jobs",
        (
            SettingField("jobs.closed", "choice", ("hold", "drop")),
            SettingField("jobs.repeat", "number"),
        ),
    ),
    FieldGroup(
        "checks",
        (
            SettingField("checks.banned", "list"),
            SettingField("checks.block", "list"),
            SettingField("checks.warn", "list"),
            SettingField("checks.off", "list"),
        ),
    ),
)


def router(shell: Shell) -> APIRouter:
    """The page “Rules”."""
    pages = routes(shell)
    reads, acts = shell.access.reads, shell.access.acts

    def form() -> SettingsForm:
        sections = section_fields(opened(shell.newsroom.settings))
        more = (FieldGroup("sections", sections),) if sections else ()
        return SettingsForm(PATH, "settings_rules.html", GROUPS + more)

    @pages.get(PATH)
    def rules(
        request: Request, user: Annotated[DeskUser, Depends(reads(Permission.SETTINGS))]
    ) -> Response:
        return show(shell, request, user, form())

    @pages.post(PATH)
    def save_rules(
        request: Request,
        user: Annotated[DeskUser, Depends(acts(Permission.SETTINGS))],
        sent: Annotated[dict[str, str], Depends(sent_form)],
    ) -> Response:
        return save(shell, request, user, form(), sent)

    return pages
