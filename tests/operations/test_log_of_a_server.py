"""What a running site writes to stderr, and gives to Prometheus: every line, whatever was sent to it."""

import json
import socket
import urllib.request
from pathlib import Path
from typing import Any

from tests.operations.conftest import Serve
from tests.ports import free_port

PATIENCE = 60


def send(port: int, request: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        received = b""
        while data := connection.recv(65536):
            received += data
    return received


def get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
        text: str = answer.read().decode()
    return text


def test_each_line_is_json_without_personal_data_and_what_was_counted_is_given(
    serve: Serve, port: int, tmp_path: Path
) -> None:
    metrics = free_port()
    server = serve(KB_LOG_FORMAT="json", KB_METRICS_PORT=str(metrics), RUNTIME_DIRECTORY=str(tmp_path))

    get(port, "/search?q=runaway")
    for request in (
        b"GET /runaway words HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"runaway" * 2000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nrunaway\r\n\r\n",
        b"GET /runaway HTTP/1.1\r\nHost: runaway.example\r\nConnection: close\r\n\r\n",
    ):
        assert send(port, request)
    measured = get(metrics, "/metrics")
    server.terminate()
    server.wait()

    log = (tmp_path / "log").read_text()
    lines: list[dict[str, Any]] = [json.loads(line) for line in log.splitlines()]
    assert [line["route"] for line in lines if "route" in line] == ["/search", "none"]
    assert [line["logger"] for line in lines].count("gunicorn.error") == 3
    assert "runaway" not in log
    assert "127.0.0.1" not in log
    assert 'kb_http_requests_total{method="GET",route="/search",status="200"} 1.0' in measured
    assert "kb_http_malformed_requests_total 3.0" in measured
    assert "kb_workers_started_total 1.0" in measured
    assert 'kb_ready{part="schedule"} 1.0' in measured
    assert "kb_schedule_last_look_timestamp_seconds 0.0" not in measured
    assert "runaway" not in measured
    assert not list(tmp_path.glob("knowledge-base-metrics-*"))
