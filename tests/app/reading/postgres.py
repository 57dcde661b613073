"""A Postgres server of the tests' own: Debian's, as the unprivileged user that it wants."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.app.gateway.running import free_port


def programs() -> Path | None:
    """Folder of Postgres' programs: Debian's, or of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    on_path = shutil.which("pg_ctl")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server on a free port; gives the address of its first database."""
    prefix = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="reading-postgres-"))
    if prefix:  # Postgres refuses to run as root
        shutil.chown(folder, "postgres")
    port = free_port()
    control = [*prefix, str(programs() / "pg_ctl"), "-D", str(folder / "data")]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1"
    try:
        subprocess.run([*control, "init", "-o", "-A trust -U study"], check=True, capture_output=True, cwd="/")
        start = [*control, "-w", "-t", "240", "-l", str(folder / "log"), "-o", options, "start"]
        subprocess.run(start, check=True, stdout=subprocess.DEVNULL, cwd="/")
        try:
            yield f"postgresql://study@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd="/")
    finally:
        shutil.rmtree(folder)


def new_database(address: str, name: str) -> str:
    """Make a database on the server of another one; returns its address."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return address.rpartition("/")[0] + f"/{name}"
