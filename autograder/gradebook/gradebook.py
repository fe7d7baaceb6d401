"""Opens nbgrader's gradebook in any database: made whole or not at all, and for one grader at a time.

nbgrader's own `Gradebook(url)` makes its tables in several steps and starts the program `alembic` in between;
stopped there it leaves half a gradebook that then seems to work. Here it is one transaction. PostgreSQL and
SQLite undo the making of tables like anything else; other databases do what they can.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import nbgrader.api
from alembic.script import ScriptDirectory
from nbgrader.api import Assignment, Base, Course, Gradebook, SubmittedAssignment
from sqlalchemy import Connection, Engine, inspect, make_url, text
from sqlalchemy.orm import scoped_session, sessionmaker

from autograder.course.config import COURSE_ID
from autograder.errors import UserError
from autograder.gradebook.database import engine_for, reaching, shown
from autograder.storage.locks import alone_in, writing_to

GRADING, MAKING = 7004301, 7004302  # the names of two of PostgreSQL's advisory locks; each holds for one database


class OpenGradebook(Gradebook):
    """nbgrader's gradebook on an engine that is there already, with tables that are there already."""

    def __init__(self, engine: Engine, course_id: str = COURSE_ID) -> None:
        """Use this engine; nothing is made."""
        self.engine, self.course_id, self.authenticator = engine, course_id, None
        self.db = scoped_session(sessionmaker(autoflush=True, bind=engine, future=True))

    @contextmanager
    def in_one_transaction(self) -> Iterator[OpenGradebook]:
        """Give this gradebook in one transaction: what nbgrader commits cell by cell is kept as a whole, or not at all.

        In this mode a session leaves the commit to those who have begun the transaction of its connection:
        https://docs.sqlalchemy.org/en/20/orm/session_api.html#sqlalchemy.orm.Session.params.join_transaction_mode
        """
        self.db.commit()  # nothing waits; what was read is read again afterwards, and the connection is free
        with self.engine.begin() as connection:
            joined = OpenGradebook(self.engine, self.course_id)
            joined.db.configure(bind=connection, join_transaction_mode="rollback_only", expire_on_commit=False)
            try:
                yield joined
                joined.db.commit()  # what no commit of nbgrader's has sent yet
            finally:
                joined.db.remove()


def open_gradebook(url: str, course_id: str = COURSE_ID) -> OpenGradebook:
    """Open a gradebook, which is made where there is none. Raises UserError where it cannot be reached."""
    engine, file = engine_for(url), file_of(url)
    with writing_to(file.parent) if file else reaching(url), engine.connect() as connection:
        make_tables(connection, course_id)
        require_this_schema(connection, url)
    return OpenGradebook(engine, course_id)


def read_gradebook(url: str, course_id: str = COURSE_ID) -> OpenGradebook:
    """Open a gradebook that is there, to read from it. Raises UserError where nothing has been graded yet."""
    none_yet = UserError(f"There is no gradebook in {shown(url)} yet; run `autograder grade` first.")
    engine, file = engine_for(url), file_of(url)
    if file and not file.is_file():
        raise none_yet
    with reaching(url), engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            raise none_yet
        require_this_schema(connection, url)
    return OpenGradebook(engine, course_id)


def require_this_schema(connection: Connection, url: str) -> None:
    """Raise UserError where the tables are not those of this nbgrader."""
    if connection.scalar(text("SELECT version_num FROM alembic_version")) != newest_schema():
        raise UserError(
            f"The gradebook {shown(url)} was made by another version of nbgrader; run `nbgrader db upgrade` first."
        )


def file_of(url: str) -> Path | None:
    """Return the file of a gradebook in SQLite."""
    parts = make_url(url)
    return Path(str(parts.database)) if parts.get_backend_name() == "sqlite" else None


def make_tables(connection: Connection, course_id: str) -> None:
    """Make the tables of nbgrader where they are missing, in one transaction and by one process at a time."""
    kind = connection.dialect.name
    if kind == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif kind == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MAKING})"))
    if not inspect(connection).has_table("alembic_version"):
        Base.metadata.create_all(connection)
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": newest_schema()})
    courses = Course.__table__
    if connection.execute(courses.select().where(courses.c.id == course_id)).first() is None:
        connection.execute(courses.insert().values(id=course_id))
    connection.commit()


def newest_schema() -> str:
    """Return the version of nbgrader's tables, as its own function of this name does by starting `alembic` for 3 s."""
    return str(ScriptDirectory(str(Path(nbgrader.api.__file__).with_name("alembic"))).get_current_head())


@contextmanager
def alone_at(url: str, out: Path) -> Iterator[None]:
    """Keep other graders away from a gradebook, from whichever folder and machine they come.

    The lock of `out` is held already. A file elsewhere is locked by its folder, PostgreSQL by an advisory lock
    of its own, which the server lets go when this process ends:
    https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """
    file = file_of(url)
    elsewhere = file.parent if file is not None and file.parent.resolve() != out.resolve() else None
    with alone_in(elsewhere) if elsewhere else nullcontext():
        if make_url(url).get_backend_name() != "postgresql":
            yield
            return
        with server_lock(url) as free:
            if not free:
                raise UserError(f"Another `autograder grade` is writing to {shown(url)}; wait until it has ended.")
            yield


@contextmanager
def server_lock(url: str) -> Iterator[bool]:
    """Take PostgreSQL's lock on a gradebook, and say whether that went well; a connection of its own holds it."""
    engine = engine_for(url)
    try:
        with reaching(url):
            connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            free = bool(connection.scalar(text(f"SELECT pg_try_advisory_lock({GRADING})")))
        with connection:
            yield free
    finally:
        engine.dispose()  # else the connection would be kept for later, and the lock with it


def submitted_assignments(gradebook: Gradebook) -> list[str]:
    """Return the assignments of which there is a submission, in order."""
    found = gradebook.db.query(Assignment.name).join(SubmittedAssignment).distinct()
    return sorted(name for (name,) in found)
