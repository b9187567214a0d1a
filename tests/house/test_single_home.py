"""Who may do what stands in accounts/authority.py: nobody else asks which role somebody holds."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOMES = {f"accounts/{name}" for name in ("enums", "authority", "models", "actions", "forms", "queries")}
# The world of the demo and of the scale data is made of people with roles.
HOMES |= {"config/demo", "config/scale", "directory/actions", "notices/queries"}
NO_PART = {"tests", "tools", "benchmarks", "migrations", ".venv", "node_modules"}


def test_roles_are_named_in_their_homes_only() -> None:
    strays = [
        f"{path}:{line}"
        for path in sorted(ROOT.rglob("*.py"))
        if not NO_PART & set(path.relative_to(ROOT).parts) and not is_home(path)
        for line in roles_named_in(path.read_text(encoding="utf-8"))
    ]
    assert strays == [], "ask accounts.authority through an Act instead"


def test_it_finds_a_role() -> None:
    assert roles_named_in("if enums.Role.GLOBAL_READER in actor.roles: pass\nx = Role.OTHER") == [1, 2]
    assert roles_named_in("def f(role: Role) -> str: return role.label") == []


def is_home(path: Path) -> bool:
    name = path.relative_to(ROOT).with_suffix("").as_posix()
    return any(name == home or name.startswith(f"{home}/") for home in HOMES)


def roles_named_in(source: str) -> list[int]:
    """Return the lines that name a single role: ``Role.`` with a member behind it."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr.isupper() and ast.unparse(node.value).split(".")[-1] == "Role"
    )
