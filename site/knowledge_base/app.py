"""The application factory: settings, collaborators, blueprints, error pages. Nothing else."""

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from knowledge_base import cli
from knowledge_base.access.guards import public, refuse_undeclared_or_forbidden
from knowledge_base.accounts import routes as accounts
from knowledge_base.accounts.readers import list_readers
from knowledge_base.approval import routes as approval
from knowledge_base.audit import routes as audit
from knowledge_base.data_files import routes as data_files
from knowledge_base.db import Database
from knowledge_base.editing import routes as editing
from knowledge_base.feedback import routes as feedback
from knowledge_base.history import routes as history
from knowledge_base.moving import routes as moving
from knowledge_base.operations import routes as operations
from knowledge_base.pages import routes as pages
from knowledge_base.pages.kept_pages import MOST_PACKED_BYTES, KeptPages
from knowledge_base.pages.library import Library
from knowledge_base.publishing.store import ContentStore
from knowledge_base.repository.versions import EarlierVersions
from knowledge_base.search import routes as search
from knowledge_base.search.index import SearchIndex
from knowledge_base.settings import Settings, read_settings
from knowledge_base.web.assets import serve_asset
from knowledge_base.web.converters import RowNumberConverter
from knowledge_base.web.errors import set_up_error_pages
from knowledge_base.web.hosts import HostCheck
from knowledge_base.web.null_characters import refuse_null_characters
from knowledge_base.web.request_log import RequestLog, set_up_request_log
from knowledge_base.web.security import set_up_headers
from knowledge_base.web.templating import set_up_templates

LARGEST_REQUEST = 1024 * 1024


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application. Without settings it reads them from the environment; raises SettingsError."""
    settings = settings or read_settings()
    app = Flask("knowledge_base", static_folder=None, template_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.old_secret_keys),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
    )
    app.extensions.update(
        settings=settings,
        database=(database := Database(settings.database_url)),
        library=(library := Library(settings.content_dir, versions=EarlierVersions(settings.content_dir))),
        kept_pages=KeptPages(),
        shared_pages=KeptPages(most_bytes=MOST_PACKED_BYTES),
        search_index=SearchIndex(settings.index_dir),
        content_store=ContentStore.of(settings, library=library, database=database),
        # What pages and accounts want to know of each other.
        audiences=lambda: library.edition().audiences,
        people=lambda: list_readers(app.extensions["accounts"]),
    )
    app.url_map.converters["int"] = RowNumberConverter
    set_up_request_log(app)
    set_up_templates(app)
    accounts.set_up_sign_in(app)
    audit.set_up_record(app)
    accounts.set_up_view_as(app)
    history.set_up_history(app)
    app.before_request(refuse_undeclared_or_forbidden)
    app.before_request(refuse_null_characters)
    CSRFProtect(app)
    editors = (approval, editing, feedback, history, data_files, moving)
    for capability in (operations, accounts, audit, search, *editors, pages):
        app.register_blueprint(capability.blueprint)
    app.add_url_rule("/static/<path:filename>", "static", public(serve_asset))
    set_up_headers(app, behind_tls=settings.behind_tls)
    set_up_error_pages(app)
    cli.register(app)
    pages.set_up_ready_answers(app)
    app.wsgi_app = HostCheck(app.wsgi_app, settings.hosts)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.wsgi_app = RequestLog(  # type: ignore[method-assign]
        app.wsgi_app,
        slow_milliseconds=settings.telemetry.slow_milliseconds,
        proxies_are_trusted=settings.trusted_proxies > 0,
    )
    return app
