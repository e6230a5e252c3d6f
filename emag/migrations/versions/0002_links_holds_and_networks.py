"""Links of old tools, letters held in a flood, network addresses apart from other evidence."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "legacy_links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("subscriber", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_legacy_links_subscriber", "legacy_links", ["subscriber"])
    # SQLite writes an added column behind the table's last bracket; made anew, it reads like new.
    how: Literal["always", "never"]
    how = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("evidence", recreate=how) as evidence:
        evidence.add_column(sa.Column("network_salt", sa.String(), nullable=True))
        evidence.add_column(sa.Column("network", sa.String(), nullable=True))
    never_again = {"sqlite_autoincrement": True}
    with op.batch_alter_table("letters", recreate=how, table_kwargs=never_again) as letters:
        letters.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
