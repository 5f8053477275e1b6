"""A PostgreSQL server of the tests' own: an ordinary user's, on a unix socket, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import psycopg
from sqlalchemy import make_url

NOBODY = "nobody"  # the server refuses to run as root


def find_binaries() -> Path | None:
    """Folder of the server's programs, if they are on this machine."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    places += [Path(found).parent] if found else []
    return next((place for place in places if (place / "initdb").exists()), None)


class Server:
    """A server in a folder of its own."""

    def __init__(self, binaries: Path) -> None:
        self.binaries = binaries
        self.folder = Path(tempfile.mkdtemp(prefix="ag-pg-"))
        self.user = NOBODY if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            os.chown(self.folder, pwd.getpwnam(NOBODY).pw_uid, pwd.getpwnam(NOBODY).pw_gid)
        # A locale in which names sort as people sort them, and not by code point.
        common = (
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            f"--pgdata={self.folder / 'data'}",
        )
        self._run("initdb", *common, "--locale-provider=icu", "--icu-locale=en", "--locale=C.UTF-8")
        self.start()

    def start(self) -> None:
        settings = f"-k {self.folder} -c listen_addresses= -c fsync=off -c max_connections=60"
        self._pg_ctl("start", "-o", settings, "-l", str(self.folder / "log"))

    def stop(self, mode: str = "immediate") -> None:
        self._pg_ctl("stop", "-m", mode)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def make_database(self) -> str:
        """URL of a new empty database."""
        name = f"store_{uuid.uuid4().hex}"
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://{self.user}@/{name}?host={self.folder}"

    def drop_database(self, url: str) -> None:
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), user=self.user, dbname=database, autocommit=True
        )

    def terminate_clients(self) -> int:
        """End every connection but this one; returns how many there were."""
        query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        clients = "backend_type = 'client backend' AND pid <> pg_backend_pid()"
        with self.connect() as connection:
            return connection.execute(f"{query} WHERE {clients}").fetchone()[0]

    def _pg_ctl(self, *arguments: str) -> None:
        self._run("pg_ctl", "-w", "-D", str(self.folder / "data"), *arguments)

    def _run(self, program: str, *arguments: str) -> None:
        as_root = os.getuid() == 0
        ordinary = {"user": NOBODY, "group": pwd.getpwnam(NOBODY).pw_gid, "extra_groups": []}
        with tempfile.TemporaryFile() as output:  # a pipe would stay open in the server
            done = subprocess.run(
                [self.binaries / program, *arguments],
                stdout=output,
                stderr=output,
                cwd=self.folder,
                **(ordinary if as_root else {}),
            )
            output.seek(0)
            assert done.returncode == 0, output.read().decode()
