"""The same pages as files: built by Material for MkDocs, served by nginx. Its search runs in the browser."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.serving.load import Request
from benchmarks.serving.peers import program
from benchmarks.serving.servers import Program, Server, free_port, serving
from benchmarks.serving.sites import Pages, Task, plain_text

_LONGEST_BUILD = 3600
_NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
worker_processes auto;
{user}
events {{ worker_connections 512; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  sendfile on;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/built; }}
}}
"""


@dataclass
class Material:
    """Builds the pages into a folder, and serves that."""

    pages: Pages
    folder: Path
    name: str = "Material, nginx"
    port: int = field(default_factory=free_port)

    def prepare(self) -> float:
        """Build the site. To publish a change is to do this again."""
        for path in self.pages.corpus.paths:
            file = self.folder / "docs" / f"{path}.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(plain_text(self.pages.content, path), encoding="utf-8")
        settings = {
            "site_name": "The same pages",
            "site_url": f"http://127.0.0.1:{self.port}/",
            "docs_dir": str(self.folder / "docs"),
            "site_dir": str(self.folder / "built"),
            # What its makers advise for many pages: without it, each page lists all of them.
            "theme": {"name": "material", "features": ["navigation.prune"], "font": False},
            "plugins": ["search"],
        }
        # YAML reads JSON.
        (self.folder / "mkdocs.yml").write_text(json.dumps(settings), encoding="utf-8")
        command = [str(program("mkdocs")), "build", "--quiet", "--config-file", str(self.folder / "mkdocs.yml")]
        began = time.perf_counter()
        with (self.folder / "build.log").open("wb") as log:
            subprocess.run(  # noqa: S603
                command,
                check=True,
                stdout=log,
                stderr=log,
                timeout=_LONGEST_BUILD,
                env={**os.environ, "PYTHONPATH": "", "NO_MKDOCS_2_WARNING": "1"},
            )
        return time.perf_counter() - began

    @contextmanager
    def serve(self) -> Iterator[Server]:
        """Start nginx."""
        # As root it would read the files as somebody who may not.
        user = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(_NGINX.format(folder=self.folder, port=self.port, user=user))
        command = [shutil.which("nginx") or "nginx", "-c", str(self.folder / "nginx.conf")]
        log = self.folder / "nginx.out"
        with serving(Program(command, self.folder, self.port, log, path=self._address(0))) as server:
            yield server

    def tasks(self, server: Server) -> Mapping[Task, Sequence[Request]]:  # noqa: ARG002 - the others need it
        """Return what to ask: it has nothing but pages."""
        return {Task.PAGE: [Request(self._address(place)) for place in range(len(self.pages.asked_for))]}

    def publications(self, server: Server, number: int) -> Iterator[Request]:  # noqa: ARG002 - as above
        """Return nothing: to publish is to build the site again."""
        return iter(())

    def _address(self, place: int) -> str:
        return f"/{self.pages.asked_for[place]}/"
