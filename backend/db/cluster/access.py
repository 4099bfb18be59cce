"""Who may enter the embedded Postgres: one role, which is no superuser, with a password from a file of its owner's.

Nobody else connects, the superuser included: its statements are run without a server (`single_user`), which takes the
data folder itself. So what gets hold of the socket, or even of the password, cannot run programs or read files through
Postgres.
"""

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

from backend.db.cluster.disguise import Disguise
from backend.db.cluster.problems import EmbeddedPostgresError
from backend.db.cluster.programs import single_user

SUPERUSER = "maskloom"
ROLE = "maskloom_backend"
DATABASE = "maskloom"
_RULES = f"""\
# Written by Maskloom at every start.
local  all  {ROLE}  scram-sha-256
local  all  all  reject
"""
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

_MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN CREATE ROLE {ROLE}; END IF;
    IF EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') THEN
        EXECUTE 'ALTER DATABASE {DATABASE} OWNER TO {ROLE}';
    END IF;
END $$
"""
# Thousands of rounds make guessing a person's password slow. This one is random and long; they cost 5 ms a connection.
_ONE_ROUND = "SET scram_iterations = 1"
_HAS_DATABASE = f"SELECT 'found' AS database FROM pg_database WHERE datname = '{DATABASE}'"

# What an extension or another object brings follows its owner.
_GIVE_CONTENT = f"""
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT oid::regclass AS name FROM pg_class c
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('a', 'i', 'e')
                AND (relkind = 'S' OR deptype = 'e'))
    LOOP EXECUTE format('ALTER TABLE %s OWNER TO {ROLE}', it.name); END LOOP;
    FOR it IN SELECT oid::regprocedure AS name FROM pg_proc p
        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (
            SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
    LOOP EXECUTE format('ALTER ROUTINE %s OWNER TO {ROLE}', it.name); END LOOP;
    FOR it IN SELECT t.oid::regtype AS name FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typnamespace = 'public'::regnamespace AND (t.typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
    LOOP EXECUTE format('ALTER TYPE %s OWNER TO {ROLE}', it.name); END LOOP;
END $$
"""


class ClusterAccess:
    """The password's file and the cluster's rules."""

    def __init__(self, secret_file: Path, cluster: Path) -> None:
        self._secret_file = secret_file
        self._rules = cluster / "pg_hba.conf"
        self._cluster = cluster

    @property
    def secret(self) -> str:
        """The role's password; empty if there is none, or only half of one."""
        with suppress(OSError, UnicodeDecodeError):
            found = self._secret_file.read_text().strip()
            if _SECRET.fullmatch(found):
                return found
        return ""

    @property
    def is_set(self) -> bool:
        with suppress(OSError):
            return self._rules.read_text() == _RULES and bool(self.secret)
        return False

    def set_up(self, disguise: Disguise) -> None:
        """Give the role a new password, and everything that Maskloom stored. The server must not be running.

        The password is stored last, so that after a crash in between the next start begins anew.

        Raises:
            EmbeddedPostgresError: the cluster cannot be opened.
        """
        self._secret_file.unlink(missing_ok=True)
        secret = secrets.token_urlsafe(32)
        password = f"ALTER ROLE {ROLE} LOGIN NOSUPERUSER CREATEDB PASSWORD '{secret}'"
        found = single_user(
            self._cluster, [_MAKE_ROLE, _ONE_ROUND, password, _HAS_DATABASE], database="template1", disguise=disguise
        )
        if '"found"' in found:
            single_user(self._cluster, [_GIVE_CONTENT], database=DATABASE, disguise=disguise)
        _write(self._rules, _RULES)
        _write(self._secret_file, secret + "\n")


def _write(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(descriptor)
    except OSError as error:
        raise EmbeddedPostgresError(f"{path} cannot be written: {error.strerror}.") from error
    if path.exists():  # as `nobody` Postgres still has to read its rules
        owner = path.stat()
        with suppress(PermissionError):
            os.chown(fresh, owner.st_uid, owner.st_gid)
    fresh.replace(path)
