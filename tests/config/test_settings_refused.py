"""G03: every setting is checked at the start; one that makes no sense stops it with one clear line."""

import base64
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config import env
from config.keyring import BadSetting

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(bytes(range(32))).decode()
REAL = {
    "PUBLIC_URL": "https://id.example.com",
    "ALLOWED_HOSTS": "id.example.com",
    "SECRET_KEY": "u3Jq0v5yW8sZ1dK7fH2mB9nT4xR6cL0pQeA1gS5jX8kV2wM7Zr",
    "PEPPER_KEYS": f"k1:{KEY}",
    "DATABASE_URL": "postgresql://gatepass:secret@db.example.com/gatepass",
}
NUMBERS = ("PORT", "WEB_WORKERS", "WEB_THREADS", "ARGON2_MEMORY_KIB", "ARGON2_TIME_COST", "HASHES_IN_FLIGHT")
ODD_NUMBERS = ("", "0", "-1", "1.5", "ten", "1e3", "99999999999", "9" * 5000, " 8", "²")
BAD: list[tuple[str, str]] = [
    *((name, value) for name in NUMBERS for value in ODD_NUMBERS),
    ("PORT", "65536"),
    ("ARGON2_MEMORY_KIB", "7"),
    ("WEB_THREADS", "65"),
    *(
        ("PUBLIC_URL", url)
        for url in (
            "",
            "id.example.com",
            "http://id.example.com",
            "ftp://id.example.com",
            "https://",
            "https://id.example.com/path",
            "https://id.example.com?query",
            "https://id.example.com#fragment",
            "https://user:password@id.example.com",
            "https://[bad",
            "https://id.example.com:port",
            "https://id.example.com:99999",
            "https://id.exa\nmple.com",
            "https://bücher.example",
            "javascript:alert(1)",
        )
    ),
    ("ALLOWED_HOSTS", ""),
    ("ALLOWED_HOSTS", " , "),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "id.example.com,*"),
    ("ALLOWED_HOSTS", "other.example.com"),
    ("SECRET_KEY", ""),
    ("SECRET_KEY", "u3Jq0v5yW8sZ1dK7fH2mB9nT4xR6cL0pQeA1gS5jX8kV2wM7Z"),
    ("SECRET_KEY", "a" * 60),
    ("SECRET_KEY", "django-insecure-u3Jq0v5yW8sZ1dK7fH2mB9nT4xR6cL0pQeA1gS5jX8kV2wM7Zr"),
    *(
        ("SECRET_KEY_FALLBACKS", key)
        for key in ("short", "a" * 60, "u3Jq0v5yW8sZ1dK7fH2mB9nT4xR6cL0pQeA1gS5jX8kV2wM7Zr,short")
    ),
    *(("AUDIT_PUBLIC_KEYS", key) for key in ("nonsense!", KEY[:-4], f"x,{KEY}")),
    *(("AUDIT_SIGNING_KEY", key) for key in ("nonsense!", KEY[:-4], "k1:" + KEY, "=" + KEY)),
    *(("AUDIT_RETENTION_DAYS", days) for days in ("", "-1", "ten", "36501")),
    *(
        (name, days)
        for name in ("PASS_RETENTION_DAYS", "SESSION_RETENTION_DAYS")
        for days in ("", "-1", "ten", "7", "36501")
    ),
    ("PEPPER_KEYS", ""),
    ("PEPPER_KEYS", "k1"),
    ("PEPPER_KEYS", "k1:not base64!"),
    ("PEPPER_KEYS", f"k1:{base64.b64encode(b'too short').decode()}"),
    ("PEPPER_KEYS", f":{KEY}"),
    ("PEPPER_KEYS", f"k$1:{KEY}"),
    ("PEPPER_KEYS", f"k1:{KEY},k1:{KEY}"),
    *(
        ("DATABASE_URL", url)
        for url in (
            "",
            "nonsense",
            "mysql://root@localhost/gatepass",
            "sqlite://",
            "sqlite:///:memory:",
            "postgresql://",
            "postgresql://user@host:port/name",
        )
    ),
    *(("METRICS_TOKEN", text) for text in ("short", "a" * 40, "0123456789 " * 4, "ü" + "0123456789" * 4)),
    ("TRUSTED_PROXIES", "*"),
    ("TRUSTED_PROXIES", "10.0.0.1/8"),
    ("TRUSTED_PROXIES", "proxy.example.com"),
    ("HOST", ""),
    ("HOST", "127.0.0.1:8000"),
    ("HOST", "no such host"),
    ("HOST", "-"),
    ("LOG_LEVEL", "LOUD"),
    ("DEFAULT_LANGUAGE", "fr"),
    *(("LOG_FORMAT", text) for text in ("", "xml")),
    *(("EMAIL_URL", url) for url in ("mail.example.com", "smtp://", "http://h", "smtp+tls://h:port", "imap://h")),
    *(("MAIL_FROM", text) for text in ("", "nobody", "a@b.com\nBcc: c@d.com", "A <a@>", "a@b c.com")),
    ("DEBUG", "perhaps"),
    ("DEBUG", "on"),
]


def start(values: dict[str, str]) -> None:
    """Do what settings.py does with the environment."""
    env.database(env.read(values).database_url)


def test_a_whole_environment_is_accepted() -> None:
    """Without this the table below could not fail."""
    read = env.read(REAL)
    assert (read.public_url, read.is_local, read.debug) == ("https://id.example.com", False, False)
    assert env.database(read.database_url)["HOST"] == "db.example.com"


@pytest.mark.parametrize(("end", "bound_by_server"), [("", True), ("?server_side_binding=off", False)])
def test_postgresql_prepares_statements_unless_told_otherwise(end: str, bound_by_server: bool) -> None:
    """Django asks for exactly True."""
    options = env.database(f"postgresql://somebody:secret@db.example.com/name{end}")["OPTIONS"]
    assert isinstance(options, dict)
    assert (options["server_side_binding"] is True) is bound_by_server


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("name", "value"), BAD, ids=lambda one: one[:40] or "empty")
def test_it_refuses_a_value_that_makes_no_sense(name: str, value: str) -> None:
    """G03: with one line that names the setting."""
    with pytest.raises(BadSetting) as refused:
        start(REAL | {name: value})
    said = str(refused.value)
    assert name in said
    assert "\n" not in said


def test_every_setting_is_in_the_table() -> None:
    """G03: a new setting needs a value that it refuses. DATA_DIR has tests of its own below."""
    settings = {name.upper() for name in env.Environment.__dataclass_fields__} - {"DATA_DIR"}
    assert {name for name, _ in BAD} == settings


@pytest.mark.parametrize("name", ["SECRET_KEY", "PEPPER_KEYS", "ALLOWED_HOSTS"])
def test_production_makes_nothing_up(name: str, tmp_path: Path) -> None:
    """G03: off localhost nothing has a default that somebody could know, and nothing is written."""
    values = REAL | {"DATA_DIR": str(tmp_path)}
    del values[name]
    with pytest.raises(BadSetting, match=name):
        start(values)
    assert list(tmp_path.iterdir()) == []


def test_no_message_holds_a_secret() -> None:
    """G03: what is said of a bad key or database must not show it."""
    for name, value in (
        ("SECRET_KEY", "hunter2"),
        ("PEPPER_KEYS", "k1:hunter2!"),
        ("DATABASE_URL", "mysql://root:hunter2@localhost/x"),
        ("DATABASE_URL", "postgresql://root:hunter2@host:port/x"),
    ):
        with pytest.raises(BadSetting) as refused:
            start(REAL | {name: value})
        assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "origin"),
    [
        ("https://ID.Example.com/", "https://id.example.com"),
        ("https://id.example.com:443", "https://id.example.com"),
        ("https://id.example.com:8443", "https://id.example.com:8443"),
    ],
)
def test_the_public_address_is_written_as_browsers_write_origins(typed: str, origin: str) -> None:
    """Passkeys and CSRF compare it with what the browser sends, letter by letter."""
    assert env.read(REAL | {"PUBLIC_URL": typed}).public_url == origin


def test_secrets_can_stand_in_files(tmp_path: Path) -> None:
    path = tmp_path / "secret_key"
    path.write_text(REAL["SECRET_KEY"] + "\n", encoding="utf-8")
    values = {name: value for name, value in REAL.items() if name != "SECRET_KEY"}
    assert env.read(values | {"SECRET_KEY_FILE": str(path)}).secret_key == REAL["SECRET_KEY"]
    path.write_bytes(b"\xff\xfe\x00")
    for bad in (path, tmp_path / "absent", tmp_path):
        with pytest.raises(BadSetting, match="SECRET_KEY_FILE cannot be read"):
            env.read(values | {"SECRET_KEY_FILE": str(bad)})


def test_localhost_makes_its_secrets_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first, second = (env.read({"DATA_DIR": str(folder)}) for _ in range(2))
    assert (first.secret_key, first.pepper_keys) == (second.secret_key, second.pepper_keys)
    assert len(first.secret_key) >= 43
    assert len(first.pepper_keys[0][1]) == 32
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    other = env.read({"DATA_DIR": str(tmp_path / "other")})
    assert other.secret_key != first.secret_key


def test_a_data_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    """G03: DATA_DIR, for the secrets and for the database."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(BadSetting, match="DATA_DIR"):
        start({"DATA_DIR": str(file / "data")})
    with pytest.raises(BadSetting, match="DATA_DIR"):
        start(REAL | {"DATABASE_URL": f"sqlite:///{file}/data/gatepass.sqlite3"})


def manage(values: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(  # noqa: S603  our own program and our own words
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=inherited | values,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_database_in_anybodys_folder_is_its_owners_alone(tmp_path: Path) -> None:
    """G03: it holds verifiers, names and addresses."""
    place = tmp_path / "gatepass.sqlite3"
    tmp_path.chmod(0o755)
    done = manage({"DATA_DIR": str(tmp_path / "data"), "DATABASE_URL": f"sqlite:///{place}"}, "domain", "list")
    assert "no such table" in done.stderr
    assert stat.S_IMODE(place.stat().st_mode) == 0o600


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"), [("PUBLIC_URL", "https://[bad"), ("DATABASE_URL", "nonsense"), ("SECRET_KEY", "short")]
)
def test_the_process_ends_with_one_line_and_a_status(tmp_path: Path, name: str, value: str) -> None:
    """G03: no traceback, exit status 2."""
    done = manage(REAL | {"DATA_DIR": str(tmp_path), name: value}, "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Gatepass cannot start: ")
    assert done.stderr.count("\n") == 1
    assert name in done.stderr


@pytest.mark.slow
def test_the_deploy_check_is_clean(tmp_path: Path) -> None:
    """G03: `check --deploy` finds nothing to warn of in a production environment."""
    values = REAL | {"DATA_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path}/gatepass.sqlite3"}
    done = manage(values, "check", "--deploy", "--fail-level", "INFO")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout
