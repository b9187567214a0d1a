"""The environment, read once and checked: a bad value stops the start with one clear line."""

import base64
import ipaddress
import os
import re
import secrets
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from pathlib import Path
from typing import TypeAlias
from urllib.parse import urlsplit

import environ
from django.http.request import validate_host

ROOT = Path(__file__).resolve().parent.parent
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
SHORTEST_KEY = 50  # characters of SECRET_KEY, as Django's own check demands
SHORTEST_PEPPER = 32  # bytes
SIGNING_KEY = 32  # bytes of an Ed25519 seed
FEWEST_SYMBOLS = 8  # different ones in a secret key

# Each is called what those who speak it call it.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
DATABASES = ("sqlite", "postgres", "postgresql")
HOST_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
MAILERS = ("smtp", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail")
DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST_NUMBER = 9  # digits

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadSetting(Exception):
    """A setting is missing or makes no sense; the text says which and what would do."""


@dataclass(frozen=True)
class Environment:
    """Every setting of the product. ``docs/settings.md`` describes each; a test keeps the two in step."""

    data_dir: Path
    database_url: str
    public_url: str
    allowed_hosts: tuple[str, ...]
    secret_key: str
    pepper_keys: tuple[tuple[str, bytes], ...]
    audit_signing_key: bytes | None
    audit_retention_days: int
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
    return Environment(
        data_dir=data_dir,
        database_url=source.str("DATABASE_URL", f"sqlite:///{data_dir / 'gatepass.sqlite3'}"),
        public_url=public_url,
        allowed_hosts=_allowed_hosts(source, public_url),
        secret_key=_secret_key(source, data_dir if is_local else None),
        pepper_keys=_pepper_keys(source, data_dir if is_local else None),
        audit_signing_key=_audit_signing_key(source, data_dir if is_local else None),
        audit_retention_days=_number(source, "AUDIT_RETENTION_DAYS", 0, 0, 36_500),
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


def _secret_key(source: environ.Env, generate_in: Path | None) -> str:
    key = _secret(source, "SECRET_KEY", generate_in)
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_SYMBOLS or key.startswith("django-insecure"):
        message = f"SECRET_KEY must be at least {SHORTEST_KEY} random characters."
        raise BadSetting(message)
    return key


def _pepper_keys(source: environ.Env, generate_in: Path | None) -> tuple[tuple[str, bytes], ...]:
    """Parse ``id:base64,id:base64``: the first is used for new passes, the others still verify."""
    text = _secret(source, "PEPPER_KEYS", generate_in)
    ring: list[tuple[str, bytes]] = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            message = f"PEPPER_KEYS: the key named {name!r} is not base64."
            raise BadSetting(message) from error
        if not name.isalnum() or len(key) < SHORTEST_PEPPER:
            message = f"PEPPER_KEYS must be id:base64 pairs with keys of at least {SHORTEST_PEPPER} bytes."
            raise BadSetting(message)
        ring.append((name, key))
    if not ring or len({name for name, _ in ring}) != len(ring):
        message = "PEPPER_KEYS must hold at least one key, each with an id of its own."
        raise BadSetting(message)
    return tuple(ring)


def _audit_signing_key(source: environ.Env, generate_in: Path | None) -> bytes | None:
    """Return the seed of the key that signs checkpoints; None where none is set: only signing needs one."""
    is_given = source.str("AUDIT_SIGNING_KEY", "") or source.str("AUDIT_SIGNING_KEY_FILE", "")
    if generate_in is None and not is_given:
        return None
    try:
        key = base64.b64decode(_secret(source, "AUDIT_SIGNING_KEY", generate_in), validate=True)
    except ValueError:
        key = b""
    if len(key) != SIGNING_KEY:
        message = f"AUDIT_SIGNING_KEY must be {SIGNING_KEY} random bytes in base64."
        raise BadSetting(message)
    return key


def _secret(source: environ.Env, name: str, generate_in: Path | None) -> str:
    """Return NAME, else what the file NAME_FILE holds, else (local only) a secret made once under DATA_DIR."""
    if value := source.str(name, ""):
        return str(value)
    if path := source.str(f"{name}_FILE", ""):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            message = f"{name}_FILE cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}."
            raise BadSetting(message) from error
    if generate_in is None:
        message = f"{name} must be set (or {name}_FILE, the path of a file that holds it)."
        raise BadSetting(message)
    return _made_once(generate_in / name.lower(), name)


def _made_once(path: Path, name: str) -> str:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    made = {"PEPPER_KEYS": f"k1:{key}", "AUDIT_SIGNING_KEY": key}.get(name, secrets.token_urlsafe(48))
    _make_folder(path.parent)
    try:
        # A link is made in one step, so two processes that start at once agree on one secret and never read half of it.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600, exist_ok=True)
        draft.write_text(made, encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"DATA_DIR must be a folder this process may write to: {error}."
        raise BadSetting(message) from error


def _make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"DATA_DIR or DATABASE_URL names a folder that cannot be made: {path}: {error.strerror}."
        raise BadSetting(message) from error


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
        options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
            "PRAGMA cache_size=-20000; PRAGMA mmap_size=268435456;",
        }
        _make_folder(Path(str(entry["NAME"])).parent)
    else:
        entry["CONN_HEALTH_CHECKS"] = True
        options = {"server_side_binding": True, "prepare_threshold": 5} | options
    return entry | {"OPTIONS": options, "CONN_MAX_AGE": 600, "ATOMIC_REQUESTS": False}
