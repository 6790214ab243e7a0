"""The shipped configuration of nginx, for a site on this machine."""

import re
import socket
import subprocess
from pathlib import Path

from knowledge_base.settings import ROOT
from tests.ports import free_port

NGINX = ROOT / "deploy" / "nginx" / "knowledge-base.conf"
FOLDERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def nginx_configuration(folder: Path, *, port: int, upstream: int) -> Path:
    """Write what nginx is to be run with: the shipped file, with a certificate, ports and places of the test's own."""
    subject = ["-subj", "/CN=guidance.example.gov.uk"]
    certificate = ["-keyout", f"{folder}/privkey.pem", "-out", f"{folder}/fullchain.pem"]
    subprocess.run(["openssl", "req", "-x509", "-nodes", *certificate, *subject], capture_output=True, check=True)
    site = NGINX.read_text().replace("/etc/ssl/knowledge-base", str(folder)).replace("/var/log/nginx", str(folder))
    site = site.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}").replace("listen 443", f"listen 127.0.0.1:{port}")
    for old in ("80", "443"):
        site = re.sub(rf"listen (\[::\]:)?{old}\b", lambda found: f"listen {found[1] or ''}{free_port()}", site)
    if not socket.has_ipv6:
        site = re.sub(r"listen \[::\].*;", "", site)
    places = "".join(f"{name}_temp_path {folder}/{name};\n" for name in FOLDERS)
    whole = folder / "nginx.conf"
    whole.write_text(f"pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ {places} {site} }}")
    return whole
