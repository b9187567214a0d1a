"""The environment, read once and checked: a bad value stops the start with one clear line."""

import ipaddress
import os
import re
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import environ
from django.http.request import validate_host
from psycopg.pq import Conninfo

from config import keyring
from config.keyring import BadSetting, make_folder

ROOT = Path(__file__).resolve().parent.parent
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")

# Each is called what those who speak it call it.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
DATABASES = ("sqlite", "postgres", "postgresql")
HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
OURS = {"server_side_binding", "prepare_threshold"}  # options of DATABASE_URL that are for Django and psycopg
MAILERS = ("smtp", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_NUMBER = 9  # digits
FEWEST_DAYS = 31  # a link "it was not me" works for 30

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class Environment:
    """Every setting of the product. ``docs/settings.md`` describes each; a test keeps the two in step."""

    data_dir: Path
    database_url: str
    public_url: str
    allowed_hosts: tuple[str, ...]
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    pepper_keys: tuple[tuple[str, bytes], ...]
    audit_signing_key: bytes | None
    audit_public_keys: tuple[str, ...]
    audit_retention_days: int
    pass_retention_days: int
    session_retention_days: int
    metrics_token: str
    trusted_proxies: tuple[Network, ...]
    argon2_memory_kib: int
    argon2_time_cost: int
    hashes_in_flight: int
    host: str
    port: int
    web_workers: int
    web_threads: int
    email_url: str
    mail_from: str
    log_level: str
    default_language: str
    log_format: str
    debug: bool

    @property
    def is_local(self) -> bool:
        """True where the product serves this machine only, over plain http."""
        return self.public_url.startswith("http://")


def read(values: dict[str, str] | None = None) -> Environment:
    """Read the settings from ``values`` (the process's environment if None).

    Raises BadSetting for the first value that cannot be used.
    """
    source = environ.Env()
    source.ENVIRON = dict(os.environ) if values is None else dict(values)
    data_dir = Path(source.str("DATA_DIR", "") or str(ROOT / "data")).resolve()
    public_url = _public_url(source)
    is_local = public_url.startswith("http://")
    cores = os.cpu_count() or 2
    workers = _number(source, "WEB_WORKERS", cores, 1, 256)
    made_in = data_dir if is_local else None  # where secrets that nobody set are made
    return Environment(
        data_dir=data_dir,
        database_url=source.str("DATABASE_URL", f"sqlite:///{data_dir / 'gatepass.sqlite3'}"),
        public_url=public_url,
        allowed_hosts=_allowed_hosts(source, public_url),
        secret_key=keyring.secret_key(source, made_in),
        secret_key_fallbacks=keyring.secret_key_fallbacks(source, made_in),
        pepper_keys=keyring.pepper_keys(source, made_in),
        audit_signing_key=keyring.audit_signing_key(source, made_in),
        audit_public_keys=keyring.audit_public_keys(source, made_in),
        audit_retention_days=_number(source, "AUDIT_RETENTION_DAYS", 0, 0, 36_500),
        pass_retention_days=_days(source, "PASS_RETENTION_DAYS", 365),
        session_retention_days=_days(source, "SESSION_RETENTION_DAYS", 90),
        metrics_token=keyring.metrics_token(source),
        trusted_proxies=_networks(source, "TRUSTED_PROXIES"),
        argon2_memory_kib=_number(source, "ARGON2_MEMORY_KIB", 19456, 8, 4_194_304),
        argon2_time_cost=_number(source, "ARGON2_TIME_COST", 2, 1, 64),
        hashes_in_flight=_number(source, "HASHES_IN_FLIGHT", max(1, cores // workers), 1, 64),
        host=_host(source, "127.0.0.1" if is_local else "0.0.0.0"),  # noqa: S104  behind a proxy
        port=_number(source, "PORT", 8000, 1, 65535),
        web_workers=workers,
        web_threads=_number(source, "WEB_THREADS", 4, 1, 64),
        email_url=_email_url(source),
        mail_from=_mail_from(source, public_url),
        log_level=_choice(source, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        default_language=_language(source),
        log_format=_choice(source, "LOG_FORMAT", "TEXT", ("TEXT", "JSON")),
        debug=_debug(source, is_local=is_local),
    )


def _public_url(source: environ.Env) -> str:
    """Return the address as a browser writes an origin: lower case, without a port that goes without saying."""
    port = _number(source, "PORT", 8000, 1, 65535)
    url = source.str("PUBLIC_URL", f"http://localhost:{port}").rstrip("/").lower()
    try:
        parts = urlsplit(url)
        is_origin = parts.scheme in DEFAULT_PORTS and parts.hostname and url == f"{parts.scheme}://{parts.netloc}"
        is_default = parts.port == DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        is_origin = is_default = False
    if not is_origin or not url.isascii() or "@" in url:
        message = (
            f"PUBLIC_URL must be the address people use, such as https://id.example.com, with no path: got {url!r}."
        )
        raise BadSetting(message)
    if parts.scheme == "http" and parts.hostname not in LOCAL_HOSTS:
        message = f"PUBLIC_URL must begin with https:// (plain http is for localhost only): got {url!r}."
        raise BadSetting(message)
    return str(url.removesuffix(f":{parts.port}") if is_default else url)


def _allowed_hosts(source: environ.Env, public_url: str) -> tuple[str, ...]:
    host = urlsplit(public_url).hostname or ""
    fallback = list(LOCAL_HOSTS) if host in LOCAL_HOSTS else []
    hosts = [name.strip() for name in source.list("ALLOWED_HOSTS", default=fallback) if name.strip()]
    if not hosts:
        message = "ALLOWED_HOSTS must name the host names this server answers for, separated by commas."
        raise BadSetting(message)
    if "*" in hosts:
        message = "ALLOWED_HOSTS must name hosts; * would let anybody choose the name in links."
        raise BadSetting(message)
    if not validate_host(host, hosts):
        message = f"ALLOWED_HOSTS must name the host of PUBLIC_URL, {host}, or nobody can open it."
        raise BadSetting(message)
    return tuple(hosts)


def _host(source: environ.Env, fallback: str) -> str:
    """Return what to listen on as an address or a name, without the port."""
    host = source.str("HOST", fallback)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not HOST_NAME.fullmatch(host):
            message = f"HOST must be an address such as 127.0.0.1, or a host name: got {host!r}."
            raise BadSetting(message) from None
    return str(host)


def _number(source: environ.Env, name: str, fallback: int, least: int, most: int) -> int:
    text = source.str(name, str(fallback))
    if not text.isdecimal() or len(text) > LONGEST_NUMBER or not least <= int(text) <= most:
        message = f"{name} must be a whole number from {least} to {most}: got {text!r}."
        raise BadSetting(message)
    return int(text)


def _days(source: environ.Env, name: str, fallback: int) -> int:
    """Return for how many days something that is over stays; a month at least, in which links and pages look back."""
    days = _number(source, name, fallback, 0, 36_500)
    if 0 < days < FEWEST_DAYS:
        message = f"{name} must be 0 (for ever) or at least {FEWEST_DAYS}: got {days}."
        raise BadSetting(message)
    return days


def _choice(source: environ.Env, name: str, fallback: str, allowed: tuple[str, ...]) -> str:
    value = source.str(name, fallback).upper()
    if value not in allowed:
        message = f"{name} must be one of {', '.join(allowed)}: got {value!r}."
        raise BadSetting(message)
    return str(value)


def _language(source: environ.Env) -> str:
    value, known = source.str("DEFAULT_LANGUAGE", "en").lower(), [code for code, _ in LANGUAGES]
    if value not in known:
        message = f"DEFAULT_LANGUAGE must be one of {', '.join(known)}: got {value!r}."
        raise BadSetting(message)
    return str(value)


def _networks(source: environ.Env, name: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in source.list(name, default=[]) if part.strip())
    except ValueError as error:
        message = f"{name} must be addresses or networks such as 10.0.0.0/8, separated by commas: {error}."
        raise BadSetting(message) from error


def _debug(source: environ.Env, *, is_local: bool) -> bool:
    text = source.str("DEBUG", "off").lower()
    if text not in ("on", "off", "true", "false", "1", "0"):
        message = f"DEBUG must be on or off: got {text!r}."
        raise BadSetting(message)
    debug = text in ("on", "true", "1")
    if debug and not is_local:
        message = "DEBUG must be off where PUBLIC_URL is not localhost: its error pages show secrets."
        raise BadSetting(message)
    return debug


def _email_url(source: environ.Env) -> str:
    """Return where mail goes, after one try to read it. What it holds may be a password, so no message repeats it."""
    url = source.str("EMAIL_URL", "consolemail://")
    mail(url)
    return str(url)


def _mail_from(source: environ.Env, public_url: str) -> str:
    text = source.str("MAIL_FROM", f"Gatepass <gatepass@{urlsplit(public_url).hostname}>")
    name, address = parseaddr(text)
    local, _at, domain = address.rpartition("@")
    if not local or not HOST_NAME.fullmatch(domain) or not text.isprintable() or address not in text:
        message = f"MAIL_FROM must be an address such as Gatepass <gatepass@example.com>: got {text!r}."
        raise BadSetting(message)
    return formataddr((name, address))


def mail(url: str) -> dict[str, object]:
    """Return Django's EMAIL_… settings for ``url`` (smtp://, smtp+tls://, smtp+ssl://, consolemail://, filemail:///folder)."""
    scheme = url.partition("://")[0]
    try:
        found = dict(environ.Env.email_url_config(url)) if scheme in MAILERS else {}
    except (ValueError, KeyError):
        found = {}
    if not found or (scheme.startswith("smtp") and not found.get("EMAIL_HOST")):
        message = "EMAIL_URL must be smtp+tls://user:password@host:587, smtp+ssl://…, smtp://… or filemail:///folder or consolemail://."
        raise BadSetting(message)
    defaults = {"EMAIL_HOST_USER": "", "EMAIL_HOST_PASSWORD": "", "EMAIL_HOST": "localhost", "EMAIL_TIMEOUT": 20}
    ports = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
    given = {name: value for name, value in found.items() if value not in (None, "")}
    if scheme == "filemail":
        given["EMAIL_FILE_PATH"] = f"/{str(given.get('EMAIL_FILE_PATH', '')).lstrip('/')}"
    if scheme == "consolemail":
        given["EMAIL_BACKEND"] = "notices.console.EmailBackend"
    return defaults | {"EMAIL_PORT": ports.get(scheme, 25)} | given


def database(url: str) -> dict[str, object]:
    """Return Django's DATABASES entry for ``url`` (sqlite:///path or postgresql://…).

    PostgreSQL: parameters travel beside the statement, so that one used often is parsed and planned once a connection
    (docs/decisions/0011); ``?server_side_binding=off`` for a pooler that changes connections between transactions.

    SQLite: write-ahead log so that readers never wait for a writer, and IMMEDIATE transactions so that two writers queue
    at BEGIN instead of failing at their first write (https://www.sqlite.org/lang_transaction.html).
    """
    try:
        entry: dict[str, object] = dict(environ.Env.db_url_config(url)) if url.partition("://")[0] in DATABASES else {}
    except ValueError:
        entry = {}
    if entry.get("NAME") in (None, "", ":memory:"):
        # In memory every process would have a database of its own.
        message = "DATABASE_URL must be sqlite:///path or postgresql://user:password@host:port/name."
        raise BadSetting(message)
    options: dict[str, object] = dict(entry.get("OPTIONS") or {})  # type: ignore[call-overload]
    if url.startswith("sqlite:"):
        # A checkpoint stops every writer: after 8,000 pages (32 MB of log), not after 1,000, which sign-ins fill in a second.
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA cache_size=-20000; PRAGMA mmap_size=268435456; PRAGMA wal_autocheckpoint=8000;",
        }
        make_folder(Path(str(entry["NAME"])).parent)
    else:
        if strange := sorted(set(options) - OURS - {one.keyword.decode() for one in Conninfo.get_defaults()}):
            message = f"DATABASE_URL has an option that PostgreSQL's client does not know: {strange[0]}."
            raise BadSetting(message)
        entry["CONN_HEALTH_CHECKS"] = True
        options = {
            "server_side_binding": True,
            "prepare_threshold": 5,
            # A server that is gone without a word is noticed in seconds, not in the minutes the system would wait.
            "connect_timeout": 5,
            "tcp_user_timeout": 20_000,
        } | options
    return entry | {"OPTIONS": options, "CONN_MAX_AGE": 600, "ATOMIC_REQUESTS": False}
