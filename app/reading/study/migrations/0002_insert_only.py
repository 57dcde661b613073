"""The database itself refuses to change or delete answers, decisions and events."""

from typing import Any

from django.db import migrations

TABLES = ("reading_answer", "reading_consensus", "reading_event")


def add_triggers(apps: Any, schema_editor: Any) -> None:
    """Triggers in the words of SQLite or of Postgres."""
    with schema_editor.connection.cursor() as cursor:
        if schema_editor.connection.vendor == "sqlite":
            for table in TABLES:
                for verb in ("UPDATE", "DELETE"):
                    cursor.execute(
                        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} are final'); END"
                    )
            return
        cursor.execute(
            "CREATE FUNCTION reading_rows_are_final() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'rows of % are final', TG_TABLE_NAME; END $$"
        )
        for table in TABLES:
            cursor.execute(
                f"CREATE TRIGGER {table}_final BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION reading_rows_are_final()"
            )


class Migration(migrations.Migration):
    """Insert only."""

    dependencies = (("reading", "0001_initial"),)
    operations = (migrations.RunPython(add_triggers, migrations.RunPython.noop),)
