"""The world the pages are looked at in: the cast, busy enough that every page has something to show.

It is a Tuesday morning at Contoso; everything is written straight into the tables, with times that never change.
"""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django_tasks_db.models import DBTaskResult

from accounts.access import actor_of
from accounts.authority import Actor
from accounts.enums import MethodKind, Role
from accounts.models import Domain, Group, GroupMember, RoleAssignment, SignInSession, User
from accounts.sessions import Opening, open_session
from audit.actions import record
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from authmethods.models import Passkey
from bulk.actions import Source, draft
from config.demo import find_world, make_world
from directory.actions import upload
from notices.enums import Kind
from notices.enums import Outcome as Sent
from notices.models import Notice
from oidc.enums import Permission
from oidc.models import ApplicationPermission, ClientSecret
from tap.issuing import Wish
from tap.models import TemporaryAccessPass
from tests.oidc.flow import application_of

NOW = datetime(2026, 11, 24, 10, 14, tzinfo=ZoneInfo("Europe/Berlin"))
LATER = NOW + timedelta(days=4000)  # so that no worker of a test sends what waits
LONG = "A name as long as the form allows, which is one hundred characters of letters and a few spaces in it"
UNBROKEN = "M" * 256
PLATFORM_KEY, SECURITY_KEY = UUID("08987058-cadc-4b81-b6e1-30de50dcbe96"), UUID("cb69481e-8ff7-4039-93ec-0a2729a154a8")
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
# How the passes of earlier days ended: used (and after how many minutes a passkey followed), expired, deleted.
EARLIER = (
    "used 2",
    "used 3",
    "expired",
    "used 4",
    "used",
    "used 6",
    "deleted",
    "used 1",
    "used 9",
    "expired",
    "used 4",
)
PEOPLE = """displayName,userPrincipalName,mail,userType,groups,timeZone
Ann Bell,ann@contoso.com,,,New hires,
Bo Chen,bo@elsewhere.example,,,,
,nobody@contoso.com,,,No such group,Mars
"""
Minutes = float


def seeded_world() -> SimpleNamespace:
    """Return the cast after some weeks of work. Runs at ``NOW``."""
    world = find_world() or make_world()
    _people(world)
    _passes(world)
    _methods(world)
    _earlier(world)
    _sessions(world)
    _directory(world)
    _events(world)
    _waiting(world)
    return world


def give(user: User, starts: Minutes, lifetime: int = 60, **facts: Any) -> TemporaryAccessPass:
    """Write a pass that starts so many minutes from now."""
    starts_at = NOW + timedelta(minutes=starts)
    plain: dict[str, Any] = {"is_usable_once": True, "issued_by": "Grace Hollis", "created_at": min(starts_at, NOW)}
    return TemporaryAccessPass.objects.create(
        user=user,
        tenant_id=user.tenant_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=lifetime),
        lifetime_in_minutes=lifetime,
        **plain | facts,
    )


def keep_passkey(user: User, name: str, minutes: Minutes = -5000, model: UUID = PLATFORM_KEY) -> Passkey:
    """Write a passkey that was made so many minutes from now."""
    made = NOW + timedelta(minutes=minutes)
    return Passkey.objects.create(
        tenant_id=user.tenant_id,
        user=user,
        credential_id=uuid5(user.id, name).bytes,
        public_key=b"-",
        sign_count=0,
        aaguid=model,
        is_backup_eligible=False,
        is_backed_up=False,
        name=name,
        created_at=made,
        last_used_at=made,
    )


def _people(world: SimpleNamespace) -> None:
    crowd = [
        User(tenant=world.contoso, upn=f"person{number}@contoso.com", display_name=name, created_at=NOW)
        for number, name in enumerate((LONG, UNBROKEN, *(f"Person {number}" for number in range(2, 60))))
    ]
    for person in crowd:
        person.fill_keys()
    world.crowd = User.objects.bulk_create(crowd)
    world.long, world.unbroken = world.crowd[:2]
    for name in (UNBROKEN, UNBROKEN[1:]):  # the second through the first
        group = Group.objects.create(tenant=world.contoso, name=name, created_at=NOW)
        member = {"child": world.unbroken_group} if name != UNBROKEN else {"user": world.unbroken}
        GroupMember.objects.create(group=group, **member)
        world.unbroken_group = group
    User.objects.filter(pk=world.crowd[2].pk).update(is_enabled=False)
    RoleAssignment.objects.create(tenant=world.contoso, group=world.groups["Break glass"], role=Role.GLOBAL_READER)


def _passes(world: SimpleNamespace) -> None:
    used: dict[str, Any] = {
        "first_used_at": NOW - timedelta(minutes=20),
        "last_used_at": NOW,
        "last_used_from": "203.0.113.24",
    }
    world.pass_of_mia = give(world.mia, -30, 480, is_usable_once=False, use_count=2, **used)
    world.pass_of_tapuser = give(world.tapuser, -2)
    give(world.user2, -40, use_count=1, **used)
    give(world.user3, -400)
    give(world.gil, 60 * 24 * 7)
    give(world.fred, -10, locked_at=NOW)
    give(world.breakglass, -10)
    give(world.long, -20, 480)
    give(world.unbroken, -20, 120, is_usable_once=False)


def _methods(world: SimpleNamespace) -> None:
    world.passkey = keep_passkey(world.mia, "Mia's ThinkPad")
    keep_passkey(world.mia, LONG, -4000, SECURITY_KEY)
    for name in ("grace", "amir", "priya", "paul", "rosa"):
        keep_passkey(getattr(world, name), f"{name.title()}'s laptop")
    of = User.objects.filter(pk__in=[world.mia.pk, world.user2.pk])
    of.update(password=make_password("four-unrelated-words-7"), password_changed_at=NOW - timedelta(days=90))
    world.mia.refresh_from_db(fields=["password", "password_changed_at"])


def _earlier(world: SimpleNamespace) -> None:
    for number, person in enumerate(world.crowd[3:]):
        how, _, minutes = EARLIER[number % len(EARLIER)].partition(" ")
        at = -60 * 24 * (number % 14) - 7 * number - 60
        moment = NOW + timedelta(minutes=at)
        facts: dict[str, dict[str, Any]] = {
            "used": {"first_used_at": moment, "use_count": 1},
            "deleted": {"deleted_at": moment},
        }
        give(person, at - 70 if how == "expired" else at - 5, **facts.get(how, {}))
        if minutes:
            keep_passkey(person, "Laptop", at + int(minutes) + number / 20)


def _sessions(world: SimpleNamespace) -> None:
    for minutes, address, agent in ((90, "203.0.113.24", BROWSER), (60, "2001:db8::7", UNBROKEN), (9, "", "")):
        opening = Opening(world.mia, MethodKind.FIDO2, world.passkey.pk, address=address, user_agent=agent)
        session, _ = open_session(opening, now=NOW - timedelta(minutes=minutes))
        world.session_of_mia = session
    SignInSession.objects.filter(user=world.grace).update(last_seen_at=NOW)


def _directory(world: SimpleNamespace) -> None:
    session, _ = open_session(Opening(world.grace, MethodKind.FIDO2, None), now=NOW)
    world.imported = upload(actor_of(session), name="people.csv", text=PEOPLE)
    upns = [person.upn for person in (*world.crowd[3:9], world.breakglass)] + ["nobody@contoso.com"]
    world.batch = draft(actor_of(session), batch_id=uuid4(), source=Source("people.csv", upns=upns), wish=Wish())
    world.deleted = world.crowd[-1]
    User.objects.filter(pk=world.deleted.pk).update(deleted_at=NOW - timedelta(days=2))
    Domain.objects.create(name="contoso.example", tenant=world.contoso, is_verified=True)
    given = (Permission.USER_READ, Permission.USER_READ_ALL)
    world.application = application_of(world.contoso, secret="a long secret", name="Payroll", given=given)
    application_of(world.contoso, name=LONG)
    world.secret = ClientSecret.objects.get(application=world.application)
    world.permission = ApplicationPermission.objects.filter(application=world.application).earliest("pk")


def _events(world: SimpleNamespace) -> None:
    reasons = ("wrong_code", "Expired", "not_in_scope", "OneTimeUsed", "wrong_code")
    people = (world.user3, world.long, world.breakglass, world.user2, world.unbroken)
    somebody = Actor(address="203.0.113.24")
    for event in (Event.SIGNED_IN, Event.PASSKEY_REGISTERED, Event.PASS_USED, Event.PASSWORD_CHANGED):
        record(event, actor=Actor(user_id=world.mia.pk, name="Mia Fontaine"), target=world.mia)
    for reason, person in zip(reasons, people, strict=True):
        record(Event.PASS_REFUSED, actor=somebody, target=person, outcome=Outcome.FAILURE, reason=reason)
    world.event = AuditEvent.objects.filter(event=Event.SIGNED_IN).latest("pk")


def _waiting(world: SimpleNamespace) -> None:
    """Mails and work of every state, for the support desk."""
    told: tuple[tuple[User | None, Kind, dict[str, Any]], ...] = (
        (world.mia, Kind.PASS_ISSUED, {"outcome": Sent.SENT, "tries": 1, "sent_to": ["mia@contoso.com"]}),
        (None, Kind.POLICY_CHANGED, {"outcome": Sent.SENT, "tries": 1, "sent_to": ["grace@contoso.com", UNBROKEN]}),
        (world.long, Kind.PASSKEY_ADDED, {"outcome": Sent.GIVEN_UP, "tries": 40}),
        (world.unbroken, Kind.PASSES_UNUSED, {"outcome": Sent.NO_ADDRESS, "tries": 1}),
        (world.fred, Kind.PASS_USED, {"tries": 3, "next_try_at": LATER}),
        (world.user3, Kind.PASS_STARTS, {"next_try_at": LATER}),
    )
    for number, (person, kind, facts) in enumerate(told):
        due_at = NOW - timedelta(minutes=200 - 40 * number)
        Notice.objects.create(tenant=world.contoso, person=person, kind=kind, due_at=due_at, **facts)
    work = (
        ("bulk.tasks.issue_batch", world.batch, {"status": "RUNNING", "worker_ids": ["a"], "started_at": NOW}),
        ("oidc.tasks.tell_signed_out", world.application, {"status": "SUCCESSFUL", "worker_ids": ["a"],
                                                           "started_at": NOW, "finished_at": NOW}),
        ("oidc.tasks.tell_signed_out", world.application,
         {"status": "FAILED", "worker_ids": ["a", "b", "c"], "started_at": NOW, "finished_at": NOW,
          "exception_class_path": "requests.exceptions.ConnectionError"}),
    )  # fmt: skip
    world.tasks = [
        DBTaskResult.objects.create(
            task_path=path, args_kwargs={"args": [str(about.pk)], "kwargs": {}}, run_after=NOW, backend_name="default",
            **facts,
        )
        for path, about, facts in work
    ]  # fmt: skip
