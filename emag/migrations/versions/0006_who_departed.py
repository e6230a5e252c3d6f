"""Who departed, and suppressions that an import brought."""

from typing import Literal

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "departed",
        sa.Column("subscriber", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("link", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("successor", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subscriber"),
        sa.UniqueConstraint("link"),
    )
    op.create_index("ix_departed_fingerprint", "departed", ["fingerprint"])
    how: Literal["always", "never"]
    how = "always" if op.get_bind().dialect.name == "sqlite" else "never"
    with op.batch_alter_table("suppressions", recreate=how) as suppressions:
        suppressions.add_column(sa.Column("import_id", sa.Integer(), nullable=True))
    op.create_index("ix_suppressions_import", "suppressions", ["import_id"])
