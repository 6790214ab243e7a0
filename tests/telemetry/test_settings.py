"""What operators can choose to see."""

import io

import pytest

from knowledge_base.environment import SettingsError
from knowledge_base.telemetry.settings import LogFormat, read_telemetry_settings


def test_what_collects_the_log_gets_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", io.StringIO())

    settings = read_telemetry_settings({})

    assert settings.log_format is LogFormat.JSON
    assert settings.slow_milliseconds == 1000
    assert settings.metrics_port is None


def test_a_terminal_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr", terminal)

    assert read_telemetry_settings({}).log_format is LogFormat.TEXT
    assert read_telemetry_settings({"KB_LOG_FORMAT": "json"}).log_format is LogFormat.JSON


def test_all_can_be_chosen() -> None:
    settings = read_telemetry_settings(
        {"KB_LOG_FORMAT": "text", "KB_SLOW_MILLISECONDS": "250", "KB_METRICS_PORT": "9100"}
    )

    assert (settings.log_format, settings.slow_milliseconds, settings.metrics_port) == (LogFormat.TEXT, 250, 9100)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KB_LOG_FORMAT", "xml"),
        ("KB_SLOW_MILLISECONDS", "0"),
        ("KB_METRICS_PORT", "0"),
        ("KB_METRICS_PORT", "65536"),
        ("KB_METRICS_PORT", "here"),
    ],
)
def test_a_value_that_means_nothing_is_refused(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        read_telemetry_settings({name: value})
