"""Examples for each command's help, as somebody would type them."""

import typer

EXAMPLES: dict[str, tuple[str, ...]] = {
    "init": (
        "emag init /srv/crier",
        "emag init /srv/crier --url https://mail.example.org --deploy",
    ),
    "demo": ("emag demo", "emag demo --once"),
    "gather": ("emag gather", "emag gather --json"),
    "source list": ("emag source list",),
    "source check": ("emag source check blog", "emag source check blog --json"),
    "story add": ("emag story add https://www.example.org/bridge --section posts",),
    "story list": ("emag story list", "emag story list --tray --source blog"),
    "issue draft": (
        "emag issue draft",
        'emag issue draft --special --title "The bridge is closed" --audience issue:12',
    ),
    "issue list": ("emag issue list",),
    "issue show": ("emag issue show next", "emag issue show 12 --json"),
    "issue explain": ("emag issue explain next",),
    "issue edit": (
        'emag issue edit next --subject "The bridge opens again"',
        'emag issue edit 12 --note "Welcome to our new readers." --as ann@example.org',
    ),
    "issue reset": ("emag issue reset next --subject",),
    "issue note": ('emag issue note next "Welcome to our **new** readers."',),
    "issue pick": ("emag issue pick next 41", "emag issue pick next 41 --section posts --place 1"),
    "issue hold": ("emag issue hold next 41 42",),
    "issue drop": ("emag issue drop next 41",),
    "issue move": ("emag issue move next 41 --place 1",),
    "issue order": ("emag issue order next 43 41 42",),
    "issue feature": ("emag issue feature next 57",),
    "issue words": (
        'emag issue words next 41 --title "The bridge opens" --by "Ann Ash"',
        "emag issue words next 41 --reset",
    ),
    "issue report": ("emag issue report latest", "emag issue report 12 --svg report.svg"),
    "issue history": ("emag issue history next",),
    "issue undo": ("emag issue undo next", "emag issue undo next --act 118"),
    "issue redo": ("emag issue redo next",),
    "issue check": ("emag issue check next", "emag issue check 12 --json"),
    "issue test": ("emag issue test next --to ann@example.org",),
    "issue approve": (
        "emag issue approve next",
        "emag issue approve 12 --send-at 2026-03-06T07:30 --as ann@example.org",
        'emag issue approve 12 --override link-dead --reason "The page comes at six"',
    ),
    "issue withhold": ("emag issue withhold next",),
    "issue reopen": ("emag issue reopen 12",),
    "issue send": ("emag issue send 12 --dry-run", "emag issue send 12 --wait"),
    "issue status": ("emag issue status latest", "emag issue status 12 --json"),
    "issue pause": ("emag issue pause 12",),
    "issue resume": ("emag issue resume 12",),
    "issue cancel": ("emag issue cancel 12", "emag issue cancel 12 --yes"),
    "issue export": ("emag issue export 12 /backup/issue-12",),
    "issue verify": ("emag issue verify /backup/issue-12",),
    "issue correct": (
        'emag issue correct 12 --link https://a.example.org https://b.example.org --note "Mended."',
    ),
    "calendar list": ("emag calendar", "emag calendar list --weeks 4"),
    "calendar skip": ("emag calendar skip 2026-12-25",),
    "calendar move": ('emag calendar move 2026-12-25 "wed 09:00"',),
    "calendar unskip": ("emag calendar unskip 2026-12-25",),
    "promo add": (
        'emag promo add --kind announcement --title "Our party" --text "Come." --on 2026-06-26',
        'emag promo add --kind sponsor --title Ink --text "Buy ink." --place end --runs 4',
    ),
    "promo list": ("emag promo list",),
    "promo show": ("emag promo show 3",),
    "promo edit": ('emag promo edit 3 --title "Our autumn party"',),
    "promo remove": ("emag promo remove 3",),
    "preview": ("emag preview", "emag preview 12 --out preview --shots"),
    "deliveries list": ("emag deliveries 12", "emag deliveries list 12 --status doubtful"),
    "deliveries settle": (
        "emag deliveries settle 12 --as accepted",
        "emag deliveries settle 12 --as resend --address ann@example.org",
    ),
    "report": ("emag report --promo 3", "emag report --promo 3 --out report.pdf"),
    "feedback read": ("emag feedback read --dry-run bounce.eml", "emag feedback read < bounce.eml"),
    "subscriber add": (
        "emag subscriber add ann@example.org",
        'emag subscriber add ann@example.org --basis "agreed on paper, 4 March 2026"',
    ),
    "subscriber show": ("emag subscriber show ann@example.org",),
    "subscriber list": (
        "emag subscriber list --status bounced",
        "emag subscriber list --search example.org",
    ),
    "subscriber edit": ('emag subscriber edit ann@example.org --name "Ann Ash"',),
    "subscriber unsubscribe": (
        'emag subscriber unsubscribe ann@example.org --reason "asked by phone"',
    ),
    "subscriber erase": ("emag subscriber erase ann@example.org",),
    "subscriber held": ("emag subscriber held", "emag subscriber held --release"),
    "subscriber links": ("emag subscriber links old-links.csv",),
    "subscriber import": (
        'emag subscriber import readers.csv --basis "agreed on the old form, 2019–2025" --dry-run',
        'emag subscriber import readers.csv --basis "agreed on the old form, 2019–2025"',
        "emag subscriber import --undo 3",
    ),
    "subscriber imports": ("emag subscriber imports",),
    "subscriber export": ("emag subscriber export --out readers.csv",),
    "consent receipt": ("emag consent receipt ann@example.org",),
    "consent verify": ("emag consent verify",),
    "stats": ("emag stats", "emag stats --weeks 52 --svg readers.svg"),
    "editor invite": ('emag editor invite "Ann <ann@example.org>" --role editor --role approver',),
    "editor list": ("emag editor list",),
    "editor role": ("emag editor role ann@example.org editor operator",),
    "editor remove": ("emag editor remove ann@example.org",),
    "editor reset": ("emag editor reset ann@example.org",),
    "editor sessions": ("emag editor sessions ann@example.org --end",),
    "audit list": ("emag audit list", "emag audit list --limit 20"),
    "audit verify": ("emag audit verify",),
    "theme list": ("emag theme list",),
    "theme copy": ("emag theme copy broadsheet",),
    "serve": ("emag serve", "emag serve --host 0.0.0.0 --port 8400", "emag serve --no-engine"),
    "worker": ("emag worker", "emag worker --health-port 8401"),
    "db upgrade": ("emag db upgrade",),
    "db backup": ("emag db backup /backup/crier.db",),
    "db restore": ("emag db restore --dry-run crier.db", "emag db restore crier.db"),
    "db move": ("emag db move postgresql://emag:secret@db.example.org/emag",),
    "db vacuum": ("emag db vacuum",),
    "db release": ("emag db release",),
    "backup": ("emag backup /backup", "emag backup /backup --keep 14"),
    "doctor": ("emag doctor", "emag doctor --json"),
}  # fmt: skip


def add_examples(group: typer.Typer, path: tuple[str, ...] = ()) -> None:
    """Ends the help of each command of a group with its examples."""
    for entry in group.registered_commands:
        name = str(entry.name or getattr(entry.callback, "__name__", ""))
        entry.epilog = _epilog(" ".join((*path, name)))
    for inner in group.registered_groups:
        if inner.typer_instance:
            add_examples(inner.typer_instance, (*path, str(inner.name)))


def _epilog(name: str) -> str:
    return "\n\n".join(("For example:", *(f"  {line}" for line in EXAMPLES.get(name, ()))))
