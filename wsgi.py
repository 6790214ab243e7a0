"""What gunicorn and the flask command start: `gunicorn wsgi:app`, `flask --app wsgi`."""

import sys
from pathlib import Path

import click

sys.path.insert(0, str(Path(__file__).parent / "site"))

from knowledge_base.app import create_app
from knowledge_base.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    # The flask command says this in one line.
    raise click.ClickException(str(error)) from error
