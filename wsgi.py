"""What gunicorn and the flask command start: `gunicorn wsgi:app`, `flask --app wsgi`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "site"))

from knowledge_base.app import create_app

app = create_app()
