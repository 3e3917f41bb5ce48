"""The step for a schema that a revision brings."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, do_block, literal


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema of ours, told by its comment. Ours goes on the way down, if nothing is left in it; one that was there before stays."""

    name: str
    description: str

    def up(self) -> list[Action]:
        create = (
            f"IF to_regnamespace({literal(self.name)}) IS NULL THEN\n  CREATE SCHEMA {self.name};\n"
            f"  COMMENT ON SCHEMA {self.name} IS {literal(self.description)};\nEND IF;"
        )
        return [Action(f"schema {self.name}", (do_block(create),), done=f"SELECT to_regnamespace({literal(self.name)}) IS NOT NULL")]

    def down(self) -> list[Action]:
        drop = (
            f"IF pg_catalog.obj_description(to_regnamespace({literal(self.name)}), 'pg_namespace') = {literal(self.description)} THEN\n"
            f"  DROP SCHEMA {self.name};\nEND IF;\n"
            "EXCEPTION WHEN dependent_objects_still_exist THEN\n"
            f"  RAISE WARNING 'schema {self.name} stays: others keep something in it';"
        )
        return [Action(f"schema {self.name}", (do_block(drop),))]
