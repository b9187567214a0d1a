"""How codes are made and read."""

import ast
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from accounts.authority import Actor
from core import secrets
from tap import actions, rules
from tap.models import TapPolicy
from tests.conftest import OPERATOR, reached

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "signin", "authmethods", "tap", "accounts", "audit", "core")
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
CODES = 100_000


@pytest.mark.slow
def test_every_symbol_is_as_likely_as_any_other_in_every_place() -> None:
    """A01: chi-square on 100,000 codes, over all symbols and place by place."""
    codes = [secrets.make_code(8) for _ in range(CODES)]
    assert all(re.fullmatch(f"[{ALPHABET}]{{8}}", code) for code in codes)
    assert len(set(codes)) > CODES - 20  # even one doublet is unlikely
    places = [Counter(code[place] for code in codes) for place in range(8)]
    for counted in [*places, sum(places, Counter())]:
        expected = counted.total() / 32
        chi_square = sum((counted[symbol] - expected) ** 2 / expected for symbol in ALPHABET)
        assert chi_square < 96  # 31 degrees of freedom: by chance less than once in ten million runs


@pytest.mark.parametrize("length", [8, 9, 13, 47, 48])
def test_a_code_is_as_long_as_the_policy_says(world: SimpleNamespace, length: int) -> None:
    """A01: length from the policy, 8 to 48."""
    TapPolicy.objects.filter(tenant=world.contoso).update(default_length=length)
    made = actions.issue(OPERATOR, target=reached(world.mia))
    assert re.fullmatch(f"[{ALPHABET}]{{{length}}}", made.code)


def test_nothing_here_draws_lots_with_a_predictable_generator() -> None:
    """A01: `random` is not imported anywhere in the product."""
    files = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    imported = {
        name.split(".")[0]
        for path in files
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert "secrets" in imported
    assert "random" not in imported


def test_nobody_can_choose_the_code(world: SimpleNamespace) -> None:
    """A01: the action takes no code."""
    with pytest.raises(TypeError):
        actions.issue(OPERATOR, target=reached(world.mia), code="TAPROCKS")  # type: ignore[call-arg]


def test_the_example_of_the_settings_page_is_never_a_pass(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter([rules.example_code(8), "ABCDEFGH"])
    monkeypatch.setattr(secrets, "make_code", lambda _: next(drawn))
    assert actions.issue(OPERATOR, target=reached(world.mia)).code == "ABCDEFGH"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("ABCD2345", "ABCD2345"),
        ("abcd2345", "ABCD2345"),
        (" abcd-2345 ", "ABCD2345"),
        ("ab cd‑23–45", "ABCD2345"),
        ("\uff21\uff22\uff23\uff24\uff12\uff13\uff14\uff15", "ABCD2345"),
        ("", None),
        ("   ", None),
        ("ABCD234O", None),
        ("ABCD2340", None),
        ("ABCD234I", None),
        ("ABCD2341", None),
        ("ABCD234!", None),
        ("ABCD\x002345", None),
        ("A" * 64, "A" * 64),
        ("A" * 65, None),
        ("A" * 10_000, None),
    ],
    ids=repr,
)
def test_it_reads_a_code_however_it_is_typed(typed: str, read: str | None) -> None:
    assert secrets.normalise(typed) == read


def test_a_made_pass_does_not_tell_its_code(world: SimpleNamespace) -> None:
    made = actions.issue(Actor(is_operator=True), target=reached(world.mia))
    assert made.code not in repr(made)
    assert made.code not in str(vars(made.issued))
