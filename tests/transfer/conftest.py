"""Remotes for the tests: real servers of rclone on the loopback, and a configuration apart."""

import os
import secrets
import socket
import subprocess
import time

import pytest

from vigil.stage import Job
from vigil.transfer import rclone


class Server:
    """A folder that rclone serves on a free port until it is stopped."""

    def __init__(self, kind, folder, cache):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        self.kind = kind
        self.password = secrets.token_hex(8)
        self._command = [
            *["rclone", "serve", kind, str(folder), "--addr", f"127.0.0.1:{self.port}"],
            *["--cache-dir", str(cache), "--user", "rig", "--pass", self.password],
            *["--vfs-cache-mode", "off", "--dir-cache-time", "0s"],
        ]
        self.start()

    def start(self):
        """Serve, and wait until somebody answers."""
        self.process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("rclone does not serve")

    def stop(self):
        """End the server at once, as a cut cable would."""
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="session")
def server_cache(tmp_path_factory):
    """Where the servers keep their host key."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def configure(tmp_path, monkeypatch):
    """An rclone configuration of the test's own, to which remotes are added."""
    path = tmp_path / "rclone.conf"
    path.touch()
    monkeypatch.setenv("RCLONE_CONFIG", str(path))
    rclone._features.cache_clear()

    def add(name, **options):
        with path.open("a") as f:
            f.write(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in options.items()))

    return add


@pytest.fixture
def serve(configure, server_cache):
    """Serve a folder as a remote; returns the server."""
    servers = []

    def start(name, kind, folder):
        server = Server(kind, folder, server_cache)
        servers.append(server)
        hidden = subprocess.run(
            ["rclone", "obscure", server.password], capture_output=True, text=True, check=True
        ).stdout.strip()
        where = f"127.0.0.1:{server.port}"
        if kind == "sftp":
            host = {"host": "127.0.0.1", "port": server.port}
            configure(name, type="sftp", user="rig", **{"pass": hidden}, **host)
        elif kind == "webdav":
            login = {"user": "rig", "pass": hidden}
            configure(name, type="webdav", url=f"http://{where}", vendor="other", **login)
        else:
            configure(name, type="http", url=f"http://rig:{server.password}@{where}")
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def big(tmp_path):
    """A folder on the rig with a file of 24 MB and a small one."""
    folder = tmp_path / "served" / "day1"
    folder.mkdir(parents=True)
    (folder / "big.dat").write_bytes(os.urandom(24_000_000))
    (folder / "Events.txt").write_text("lights on\n")
    return folder


@pytest.fixture
def archive_job(tmp_path):
    """Makes the job that archives what manifest.tsv lists."""

    def make(threads=1):
        return Job(
            stage="transfer",
            method_version="1",
            recording="m1",
            inputs={"manifest": str(tmp_path / "manifest.tsv")},
            outputs={"table": str(tmp_path / "archive.tsv")},
            row={"archive": str(tmp_path / "archive" / "m1")},
            threads=threads,
        )

    return make
