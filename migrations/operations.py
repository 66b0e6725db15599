"""What each kind of table needs besides its columns: row-level security and grants.

Three kinds of table, told apart by how their primary key begins. A chapter's (`chapter_id`
first) shows its rows only to transactions that work for that chapter. A person's (`user_id`
first, with the chapter beside it) is written under the same rule and read whole by its owner
alone, for the functions that answer across chapters without saying whose. All else is global.
"""

import sqlalchemy as sa
from alembic.autogenerate import renderers, rewriter
from alembic.operations import MigrateOperation, Operations, ops

POLICY = "chapter_id = nullif(current_setting('app.chapter_id', true), '')::uuid"
ROLE = "curbside_app"


class _TableOperation(MigrateOperation):
    grants = "SELECT, INSERT, UPDATE, DELETE"

    def __init__(self, table: str) -> None:
        self.table = table

    @classmethod
    def make(cls, operations: Operations, table: str) -> None:
        operations.invoke(cls(table))

    def reverse(self) -> MigrateOperation:
        return ops.ExecuteSQLOp("SELECT 1")  # dropping the table takes all of it along


@Operations.register_operation("global_table", "make")
class GlobalTable(_TableOperation):
    pass


@Operations.register_operation("append_only_global_table", "make")
class AppendOnlyGlobalTable(GlobalTable):
    grants = "SELECT, INSERT"


@Operations.register_operation("chapter_table", "make")
class ChapterTable(_TableOperation):
    pass


@Operations.register_operation("append_only_chapter_table", "make")
class AppendOnlyChapterTable(ChapterTable):
    grants = "SELECT, INSERT"


@Operations.register_operation("person_table", "make")
class PersonTable(_TableOperation):
    pass


@Operations.implementation_for(GlobalTable)
@Operations.implementation_for(AppendOnlyGlobalTable)
@Operations.implementation_for(ChapterTable)
@Operations.implementation_for(AppendOnlyChapterTable)
@Operations.implementation_for(PersonTable)
def _prepare(operations: Operations, operation: _TableOperation) -> None:
    table = operation.table
    if not isinstance(operation, GlobalTable):
        operations.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        operations.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        operations.execute(
            f"CREATE POLICY {table}_chapter ON {table} USING ({POLICY}) WITH CHECK ({POLICY})"
        )
    if isinstance(operation, PersonTable):
        operations.execute(
            f"CREATE POLICY {table}_owner ON {table} FOR SELECT TO CURRENT_USER USING (true)"
        )
    operations.execute(f"GRANT {operation.grants} ON {table} TO {ROLE}")


for _kind, _name in (
    (GlobalTable, "global_table"),
    (AppendOnlyGlobalTable, "append_only_global_table"),
    (ChapterTable, "chapter_table"),
    (AppendOnlyChapterTable, "append_only_chapter_table"),
    (PersonTable, "person_table"),
):
    renderers.dispatch_for(_kind)(lambda _, op, name=_name: f"op.{name}({op.table!r})")

writer = rewriter.Rewriter()


@writer.rewrites(ops.CreateTableOp)
def _after_create(_context: object, _revision: object, op: ops.CreateTableOp) -> list:
    key = next(c for c in op.columns if isinstance(c, sa.PrimaryKeyConstraint))
    first = ([c.name for c in key.columns] or list(key._pending_colargs))[0]
    columns = {c.name for c in op.columns if isinstance(c, sa.Column)}
    if getattr(first, "name", first) == "chapter_id":
        kind = ChapterTable
    elif "chapter_id" in columns:
        kind = PersonTable
    else:
        kind = GlobalTable
    return [op, kind(op.table_name)]
