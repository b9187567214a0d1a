"""``manage.py tap``: passes from the machine itself."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts.authority import Actor
from accounts.models import Tenant, User
from audit.enums import Event
from audit.models import AuditEvent
from tap import actions
from tap.actions import Issued
from tap.models import TapPolicy, TemporaryAccessPass

GivePass = Callable[..., Issued]
Run = Callable[..., tuple[int, str, str]]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
GRAPH = {
    "userPrincipalName",
    "id",
    "createdDateTime",
    "isUsable",
    "isUsableOnce",
    "lifetimeInMinutes",
    "methodUsabilityReason",
    "startDateTime",
}


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``manage.py tap …`` and return its exit code and what it printed."""

    def run_it(*words: str) -> tuple[int, str, str]:
        code = 0
        try:
            call_command("tap", *words)
        except SystemExit as leaving:
            code = int(str(leaving.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_it


@time_machine.travel(NOON, tick=False)
def test_issue_prints_the_code_once_and_it_opens(world: SimpleNamespace, run: Run) -> None:
    code, out, err = run("issue", "TapUser@contoso.com", "--once", "--minutes", "90", "--reason", "New phone", "--json")
    made = json.loads(out)
    secret = made["temporaryAccessPass"]
    assert (code, err, out.count(secret)) == (0, "", 1)
    assert set(made) == GRAPH | {"temporaryAccessPass"}
    assert {name: made[name] for name in GRAPH - {"id"}} == {
        "userPrincipalName": "tapuser@contoso.com",
        "createdDateTime": "2026-11-24T12:00:00Z",
        "startDateTime": "2026-11-24T12:00:00Z",
        "isUsable": True,
        "isUsableOnce": True,
        "lifetimeInMinutes": 90,
        "methodUsabilityReason": "EnabledByPolicy",
    }
    issued = TemporaryAccessPass.objects.get(pk=made["id"])
    assert (issued.issuer, issued.reason) == (None, "New phone")
    assert actions.verify(Actor(address="203.0.113.9"), upn="tapuser@contoso.com", typed=secret).issued == issued


@time_machine.travel(NOON, tick=False)
def test_it_prints_the_columns_of_the_powershell_commands(world: SimpleNamespace, run: Run) -> None:
    columns = "Id CreatedDateTime IsUsable IsUsableOnce LifetimeInMinutes MethodUsabilityReason StartDateTime"
    _, made, _ = run("issue", "mia@contoso.com", "--start", "2026-11-25T06:00Z", "--once")
    assert made.splitlines()[0].split() == [*columns.split(), "TemporaryAccessPass"]
    secret = made.split()[-1]
    code, shown, _ = run("show", "mia@contoso.com")
    head, dashes, row = shown.splitlines()
    assert code == 0
    assert head.split() == columns.split()
    assert set(dashes) == {"-", " "}
    assert row.split()[1:] == ["2026-11-24T12:00:00Z", "False", "True", "60", "NotYetValid", "2026-11-25T06:00:00Z"]
    assert secret not in shown


def test_a_code_is_in_no_event_and_no_column(world: SimpleNamespace, run: Run) -> None:
    """A02."""
    secret = json.loads(run("issue", "mia@contoso.com", "--json")[1])["temporaryAccessPass"]
    everything = str(list(AuditEvent.objects.values())) + str(list(TemporaryAccessPass.objects.values()))
    assert secret not in everything
    assert secret.lower() not in everything


@pytest.mark.parametrize(
    ("start", "moment"),
    [
        ("2026-12-01T08:00+01:00", datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("2026-12-01T08:00:00Z", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01 08:00", datetime(2026, 12, 1, 7, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 11, 30, 23, tzinfo=UTC)),
        ("20261201T080000Z", datetime(2026, 12, 1, 8, tzinfo=UTC)),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_a_start_without_an_offset_is_in_the_organisations_zone(
    world: SimpleNamespace, run: Run, start: str, moment: datetime
) -> None:
    assert run("issue", "mia@contoso.com", "--start", start)[0] == 0
    assert TemporaryAccessPass.objects.open().get(user=world.mia).starts_at == moment


@pytest.mark.parametrize("flag", ["--once", "--multi"])
def test_the_use_is_what_was_asked_for(world: SimpleNamespace, run: Run, flag: str) -> None:
    run("issue", "mia@contoso.com", flag)
    assert TemporaryAccessPass.objects.open().get(user=world.mia).is_usable_once is (flag == "--once")


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        (["issue", "nobody@contoso.com"], 3, "user"),
        (["issue", "\udcff@contoso.com"], 3, "user"),
        (["issue", "x" * 10_000], 3, "user"),
        (["issue", ""], 3, "user"),
        (["show", "mia@contoso.com"], 3, "pass"),
        (["delete", "mia@contoso.com"], 3, "pass"),
        (["issue", "mia@contoso.com", "--as", "nobody@contoso.com"], 3, "actor"),
        (["issue", "mia@contoso.com", "--as", "paul@contoso.com"], 4, "no_role"),
        (["issue", "grace@contoso.com", "--as", "amir@contoso.com"], 4, "target_is_admin"),
        (["list", "--as", "paul@contoso.com"], 4, "no_role"),
        (["issue", "mia@contoso.com", "--minutes", "59"], 5, "lifetime_out_of_range"),
        (["issue", "mia@contoso.com", "--minutes", "-1"], 5, "lifetime_out_of_range"),
        (["issue", "mia@contoso.com", "--minutes", "9" * 50], 5, "lifetime_out_of_range"),
        (["issue", "mia@contoso.com", "--start", "yesterday"], 5, "start_unreadable"),
        (["issue", "mia@contoso.com", "--start", "2026-13-45"], 5, "start_unreadable"),
        (["issue", "mia@contoso.com", "--start", ""], 5, "start_unreadable"),
        (["issue", "mia@contoso.com", "--start", "2026-11-24T11:00Z"], 5, "start_in_past"),
        (["issue", "mia@contoso.com", "--start", "0001-01-01T00:00+14:00"], 5, "start_in_past"),
        (["issue", "mia@contoso.com", "--start", "9999-12-31T23:59-14:00"], 5, "start_too_far"),
        (["issue", "mia@contoso.com", "--reason", "x" * 201], 5, "reason_not_plain"),
        (["issue", "mia@contoso.com", "--reason", "\udcff"], 5, "reason_not_plain"),
        (["issue", "vera_fabrikam.com#EXT#@contoso.com"], 5, "external_guest"),
    ],
    ids=lambda value: (
        " ".join(word[:40] for word in value).encode("ascii", "replace").decode() if isinstance(value, list) else None
    ),
)
def test_it_says_in_one_line_what_is_wrong(
    world: SimpleNamespace, run: Run, words: list[str], exit_code: int, code: str
) -> None:
    left, out, err = run(*words)
    assert (left, out, len(err.splitlines())) == (exit_code, "", 1)
    assert err.startswith("tap: ")
    left, out, err = run(*words, "--json")
    assert (left, out, json.loads(err)["error"]["code"]) == (exit_code, "", code)
    assert not TemporaryAccessPass.objects.exists()


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["issue"],
        ["mint", "mia@contoso.com"],
        ["issue", "mia@contoso.com", "--minutes", "x"],
        ["issue", "mia@contoso.com", "--once", "--multi"],
        ["list", "--state", "dead"],
    ],
)
def test_wrong_usage_is_told(world: SimpleNamespace, words: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("tap", *words)


def test_every_right_over_people_and_none_over_the_policy(world: SimpleNamespace, run: Run) -> None:
    """The operator reaches administrators too, in every tenant; the policy's limits hold for him as for all."""
    for upn in ("grace@contoso.com", "breakglass@contoso.com", "zed@fabrikam.com"):
        assert run("issue", upn)[0] == 0
    TapPolicy.objects.filter(tenant=world.contoso).update(is_usable_once=True)
    assert run("issue", "mia@contoso.com", "--multi")[0] == 5
    TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)
    assert run("issue", "mia@contoso.com")[0] == 5


def test_a_pass_its_person_cannot_use_is_issued_with_a_warning(world: SimpleNamespace, run: Run) -> None:
    code, out, err = run("issue", "breakglass@contoso.com", "--json")
    assert (code, json.loads(out)["methodUsabilityReason"]) == (0, "DisabledByPolicy")
    assert err == "tap: breakglass@contoso.com cannot sign in with this pass yet: The policy excludes this person.\n"


def test_list_shows_every_tenants_passes_to_the_operator(world: SimpleNamespace, run: Run, give_pass: GivePass) -> None:
    with time_machine.travel(NOON, tick=False):
        give_pass(world.mia)
        give_pass(world.zed, starts_at=NOON + timedelta(days=1))
        rows = json.loads(run("list", "--json")[1])
        assert [(row["userPrincipalName"], row["methodUsabilityReason"]) for row in rows] == [
            ("mia@contoso.com", "EnabledByPolicy"),
            ("zed@fabrikam.com", "NotYetValid"),
        ]
        assert [row["userPrincipalName"] for row in json.loads(run("list", "--state", "scheduled", "--json")[1])] == [
            "zed@fabrikam.com"
        ]
        assert run("list", "--state", "used")[1] == "No passes.\n"
        assert json.loads(run("list", "--state", "used", "--json")[1]) == []
        assert run("list")[1].splitlines()[2].split()[0] == "mia@contoso.com"


def test_list_goes_on_past_one_page(
    world: SimpleNamespace, run: Run, give_pass: GivePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tap.management.commands.tap.ROWS_AT_ONCE", 2)
    people = [world.mia, world.tapuser, world.user2, world.user3, world.gil]
    for user in people:
        give_pass(user)
    rows = json.loads(run("list", "--json")[1])
    assert sorted(row["userPrincipalName"] for row in rows) == sorted(user.upn for user in people)


def test_list_as_an_administrator_shows_what_he_may_view(world: SimpleNamespace, run: Run, give_pass: GivePass) -> None:
    """A09, E09."""
    for user in (world.mia, world.priya, world.zed):
        give_pass(user)
    seen = {
        who: {row["userPrincipalName"].partition("@")[0] for row in json.loads(run("list", "--as", upn, "--json")[1])}
        for who, upn in {"amir": "amir@contoso.com", "rosa": "rosa@contoso.com", "zed": "zed@fabrikam.com"}.items()
    }
    assert seen == {"amir": {"mia"}, "rosa": {"mia", "priya"}, "zed": {"zed"}}


def test_delete_ends_the_pass(world: SimpleNamespace, run: Run, give_pass: GivePass) -> None:
    made = give_pass(world.mia)
    assert json.loads(run("delete", "mia@contoso.com", "--json")[1]) == {
        "deleted": str(made.issued.pk),
        "userPrincipalName": "mia@contoso.com",
    }
    assert TemporaryAccessPass.objects.open().count() == 0
    give_pass(world.mia)
    assert run("delete", "mia@contoso.com")[1] == "Deleted the Temporary Access Pass of mia@contoso.com.\n"
    assert run("delete", "mia@contoso.com")[0] == 3


def test_events_say_who_acted_and_that_it_was_here(world: SimpleNamespace, run: Run) -> None:
    """A11."""
    run("issue", "mia@contoso.com")
    run("delete", "mia@contoso.com", "--as", "amir@contoso.com")
    run("issue", "grace@contoso.com", "--as", "amir@contoso.com")
    events = AuditEvent.objects.order_by("id").values_list("event", "actor_name", "request_id")
    assert list(events) == [
        (Event.PASS_ISSUED, "operator", "command-line"),
        (Event.PASS_DELETED, "amir@contoso.com", "command-line"),
        (Event.ACCESS_DENIED, "amir@contoso.com", "command-line"),
    ]


@pytest.mark.parametrize("what", ["user", "tenant"])
def test_nobody_acts_as_somebody_who_is_disabled(world: SimpleNamespace, run: Run, what: str) -> None:
    if what == "user":
        User.objects.filter(pk=world.amir.pk).update(is_enabled=False)
    else:
        Tenant.objects.filter(pk=world.contoso.pk).update(is_enabled=False)
    assert run("issue", "mia@contoso.com", "--as", "amir@contoso.com")[0] == 3


@pytest.mark.slow
def test_it_runs_as_a_program_on_a_new_machine(tmp_path: Path) -> None:
    """The first administrator gets in this way: migrate, seed, issue; exit codes reach the shell."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    environment |= {"DATA_DIR": str(tmp_path), "ARGON2_MEMORY_KIB": "64", "ARGON2_TIME_COST": "1"}

    def manage(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603

    assert manage("migrate", "--verbosity", "0").returncode == 0
    assert manage("seed_demo").returncode == 0
    done = manage("tap", "issue", "mia@contoso.com", "--json")
    assert (done.returncode, len(json.loads(done.stdout)["temporaryAccessPass"])) == (0, 8)
    refused = manage("tap", "show", "nobody@contoso.com")
    assert (refused.returncode, refused.stdout, refused.stderr) == (3, "", "tap: There is no user with that name.\n")
    assert manage("tap", "issue").returncode == 2
