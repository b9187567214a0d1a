"""Every page people see: its name, who opens it, and how its arguments are found in the seeded world.

A new page is one line here. A state that needs more than an address (a form sent, a policy turned off) is opened by a
function of ``tests/look/states.py``. A page that cannot be in the table is an excuse, with its reason.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from tests.conftest import sign_in
from tests.look import states

Arguments = Callable[[SimpleNamespace], Sequence[object]]


@dataclass(frozen=True)
class Page:
    """``name``: of the URL; ``who``: of the cast, or "" for nobody; ``state``: what tells it from others of its name.

    ``is_long``: it holds a table of up to fifty rows, or a list to choose from that is as long.
    """

    name: str
    who: str
    args: Arguments = lambda world: ()
    state: str = ""
    query: str = ""
    by: Callable[[Client, SimpleNamespace, str], HttpResponse] | None = None
    as_: Callable[[SimpleNamespace], dict[str, Any]] = lambda world: {}
    status: int = 200
    is_long: bool = False

    @property
    def title(self) -> str:
        """Return what tests and pictures call it."""
        return " ".join(part for part in (self.name.replace(":", " "), self.who, self.state) if part)

    def open(self, world: SimpleNamespace) -> tuple[Client, str, HttpResponse]:
        """Return who looks, at which address, and the answer he sees."""
        client = sign_in(getattr(world, self.who), **self.as_(world)) if self.who else Client()
        address = reverse(self.name, args=self.args(world)) + self.query
        client.defaults["HTTP_ACCEPT"] = "text/html"
        opened = (self.by or states.got)(client, world, address)
        return client, address, opened


def of(who: str) -> Arguments:
    """Return the arguments of a page about a member of the cast."""
    return lambda world: [getattr(world, who).pk]


def group(name: str) -> Arguments:
    """Return the arguments of a page about a group."""
    return lambda world: [world.groups[name].pk]


READER = Role.GLOBAL_READER.value
PAGES = [
    # signing in
    Page("signin:identify", ""),
    Page("signin:identify", "", state="nothing typed", by=states.nothing_typed),
    Page("signin:tap", "", by=states.named("tapuser@contoso.com")),
    Page("signin:tap", "", state="wrong", by=states.wrong_pass),
    Page("signin:tap", "", state="nothing typed", by=states.named("tapuser@contoso.com", secret="")),
    Page("signin:tap", "", state="too many attempts", by=states.too_many, status=429),
    Page("signin:password", "", by=states.named("mia@contoso.com")),
    Page("signin:password", "", state="wrong", by=states.named("mia@contoso.com", secret="wrong")),
    Page("signin:passkey", "", by=states.named("mia@contoso.com")),
    Page("signin:options", "", by=states.named("nobody.with.a.long.name@contoso.com")),
    Page("signin:interrupt", "tapuser", as_=states.by_one_time_pass, by=states.campaign_on),
    Page("signin:interrupt", "tapuser", state="no skipping", as_=states.by_one_time_pass, by=states.campaign_insists),
    Page("signin:interrupt", "tapuser", state="time over", as_=states.too_late, by=states.campaign_insists),
    Page("signin:new_password", "user2", as_=states.by_one_off_password),
    Page(
        "signin:new_password",
        "user2",
        state="mistakes",
        as_=states.by_one_off_password,
        by=states.posted(password="a", repeated="b"),
    ),
    Page("signin:signed_out", ""),
    # one's own pages
    Page("authmethods:security_info", "mia"),
    Page("authmethods:security_info", "mia", state="added", query="?added=1"),
    Page("authmethods:security_info", "tapuser", state="one-time pass", as_=states.by_one_time_pass),
    Page("authmethods:security_info", "user3", state="time over", as_=states.too_late),
    Page("authmethods:security_info", "user2", state="password only", as_=states.by_password),
    Page("authmethods:security_info", "sam", state="nothing yet"),
    Page("authmethods:overview", "mia"),
    Page("authmethods:add_own_method", "mia"),
    Page("authmethods:delete_own_pass", "mia"),
    Page("authmethods:sign_out_everywhere", "mia"),
    Page("authmethods:passkey_create", "mia"),
    Page("authmethods:passkey_create", "mia", state="on a key", query="?on=key"),
    Page("authmethods:passkey_create", "tapuser", state="one-time pass", as_=states.by_one_time_pass),
    Page("authmethods:passkey_name", "mia", lambda world: [world.passkey.pk]),
    Page("authmethods:passkey_name", "mia", lambda world: [world.passkey.pk], state="new", query="?new=1"),
    Page("authmethods:passkey_name", "mia", lambda world: [world.passkey.pk], state="empty", by=states.posted(name="")),
    Page("authmethods:passkey_delete", "mia", lambda world: [world.passkey.pk]),
    Page("authmethods:password", "mia"),
    Page("authmethods:password", "mia", state="mistakes", by=states.posted(password="short", again="else")),
    Page("authmethods:sessions", "mia"),
    Page("directory:preferences", "mia"),
    Page("directory:preferences", "mia", state="mistakes", by=states.posted(language="xx")),
    Page("authmethods:activity", "mia"),
    # the admin center: Home and issuing
    Page("authmethods:home", "grace"),
    Page("authmethods:home", "paul"),
    Page("authmethods:home", "zed", state="no passes"),
    Page("authmethods:home", "grace", state="method off", by=states.policy_off),
    Page("authmethods:without_passkey", "grace", is_long=True),
    Page("authmethods:without_passkey", "zed", state="nobody"),
    Page("authmethods:blocked", "grace", is_long=True),
    Page("authmethods:blocked", "zed", state="nobody"),
    Page("authmethods:issue", "grace"),
    Page("authmethods:issue", "grace", state="found", query="?q=person"),
    Page("authmethods:issue", "grace", state="nobody found", query="?q=xyzzy"),
    Page("authmethods:issue", "grace", state="person chosen", by=states.chosen("user3")),
    Page("authmethods:issue", "grace", state="oneself", by=states.chosen("grace"), status=403),
    # a person
    Page("accounts:users", "grace", is_long=True),
    Page("accounts:users", "grace", state="nobody found", query="?q=nobody+at+all"),
    Page("accounts:user", "grace", of("tapuser")),
    Page("accounts:user", "grace", of("mia"), state="with sessions"),
    Page("accounts:user", "grace", of("unbroken"), state="long name"),
    Page("accounts:user", "amir", of("vera_external"), state="external guest"),
    Page("accounts:user_groups", "grace", of("tapuser")),
    Page("accounts:user_groups", "grace", of("sam"), state="none"),
    Page("accounts:end_sessions", "grace", of("mia")),
    Page("authmethods:user_methods", "amir", of("mia")),
    Page("authmethods:user_methods", "amir", of("tapuser"), state="one-time pass"),
    Page("authmethods:user_methods", "amir", of("user2"), state="used"),
    Page("authmethods:user_methods", "amir", of("user3"), state="expired"),
    Page("authmethods:user_methods", "amir", of("gil"), state="scheduled"),
    Page("authmethods:user_methods", "amir", of("fred"), state="locked"),
    Page("authmethods:user_methods", "grace", of("breakglass"), state="not in scope"),
    Page("authmethods:user_methods", "amir", of("sam"), state="none"),
    Page("authmethods:user_methods", "amir", of("vera_external"), state="external guest"),
    Page("authmethods:user_methods", "amir", of("amir"), state="oneself"),
    Page("authmethods:user_methods", "amir", of("priya"), state="an administrator", status=403),
    Page("authmethods:user_methods", "amir", of("long"), state="long name"),
    Page("authmethods:user_methods", "paul", of("mia"), state="not shown", status=403),
    Page("authmethods:user_methods", "rosa", of("mia"), state="read only"),
    Page("authmethods:why", "amir", of("mia")),
    Page("authmethods:why", "amir", of("fred"), state="locked"),
    Page("authmethods:why", "grace", of("breakglass"), state="not in scope"),
    Page("authmethods:delete_pass_of", "amir", lambda world: [world.mia.pk, world.pass_of_mia.pk]),
    Page("authmethods:reset_password_of", "amir", of("mia")),
    Page("authmethods:reset_password_of", "amir", of("mia"), state="made", by=states.posted()),
    Page("authmethods:delete_passkey_of", "amir", lambda world: [world.mia.pk, world.passkey.pk]),
    Page("authmethods:revoke_sessions_of", "amir", of("mia")),
    Page("authmethods:require_reregistration", "amir", of("mia")),
    Page("authmethods:add_method", "priya", of("sam")),
    Page("authmethods:add_method", "priya", of("mia"), state="replaces"),
    Page("authmethods:add_method", "grace", of("breakglass"), state="not in scope"),
    Page("authmethods:add_method", "priya", of("vera_external"), state="external guest"),
    Page("authmethods:add_method", "grace", of("sam"), state="method off", by=states.policy_off),
    Page("authmethods:add_method", "grace", of("sam"), state="one-time required", by=states.one_time_required),
    Page("authmethods:add_method", "grace", of("sam"), state="mistakes", by=states.mistakes_in_a_pass),
    Page("authmethods:add_method", "amir", of("priya"), state="an administrator", status=403),
    Page("authmethods:add_method", "grace", of("priya"), state="created", by=states.pass_created),
    Page("authmethods:add_method", "grace", of("long"), state="created, long name", by=states.pass_created_later),
    Page("authmethods:add_method", "grace", of("sam"), state="shown once", by=states.pass_shown, status=409),
    # policies and passes
    Page("authmethods:policies", "grace"),
    Page("tap:policy_target", "grace"),
    Page("tap:policy_target", "rosa", state="read only"),
    Page("tap:policy_target", "grace", state="excluded", query="?list=exclude"),
    Page("tap:policy_target", "grace", state="nobody included", by=states.policy_pressed(None, reach="selected")),
    Page("tap:policy_target", "grace", state="found", by=states.policy_pressed(None, q="hires", reach="selected")),
    Page("tap:policy_target", "grace", state="in both lists", by=states.in_both_lists),
    Page("tap:policy_target", "grace", state="turn off", by=states.turn_off),
    Page("tap:policy_configure", "grace"),
    Page("tap:policy_configure", "rosa", state="read only"),
    Page("tap:policy_configure", "grace", state="mistakes", by=states.mistakes_in_the_policy, status=422),
    Page("tap:policy_configure", "grace", state="conflict", by=states.policy_conflict, status=409),
    Page("tap:policy_configure", "grace", state="one-time", by=states.one_time_asked),
    Page("tap:policy_configure", "grace", state="reset", by=states.policy_pressed("Reset to defaults")),
    Page("tap:passes", "grace", is_long=True),
    Page("tap:passes", "grace", state="used", query="?state=used", is_long=True),
    Page("tap:passes", "grace", state="nobody found", query="?q=nobody"),
    Page("tap:passes", "zed", state="none"),
    Page("authmethods:campaign_target", "grace"),
    Page("authmethods:campaign_configure", "grace"),
    Page("authmethods:campaign_configure", "rosa", state="read only"),
    Page("authmethods:passkey_policy_target", "grace"),
    Page("authmethods:passkey_policy_configure", "grace"),
    Page("authmethods:passkey_policy_configure", "rosa", state="read only"),
    Page("authmethods:passkey_policy_configure", "grace", state="models", by=states.models_restricted),
    Page("authmethods:passkey_policy_configure", "grace", state="reset", by=states.policy_pressed("Reset to defaults")),
    # groups and roles
    Page("accounts:groups", "grace"),
    Page("accounts:groups", "zed", state="none"),
    Page("accounts:group", "grace", group("New hires")),
    Page("accounts:group", "grace", group("Everyone new"), state="nested"),
    Page("accounts:roles", "grace"),
    Page("accounts:role", "grace", lambda world: [READER]),
    Page("accounts:principals", "grace", query="?q=new"),
    # changing the directory
    Page("directory:new_user", "grace", is_long=True),
    Page("directory:new_user", "grace", state="mistakes", by=states.posted(), status=422, is_long=True),
    Page("directory:edit_user", "grace", of("mia"), is_long=True),
    Page("directory:disable_user", "grace", of("mia")),
    Page("directory:enable_user", "grace", lambda world: [world.crowd[2].pk]),
    Page("directory:delete_user", "grace", of("mia")),
    Page("directory:deleted_users", "grace"),
    Page("directory:restore_user", "grace", of("deleted")),
    Page("directory:new_group", "grace"),
    Page("directory:edit_group", "grace", group("New hires")),
    Page("directory:delete_group", "grace", group("New hires")),
    Page("directory:add_member", "grace", group("New hires")),
    Page("directory:add_member", "grace", group("New hires"), state="found", query="?q=person"),
    Page("directory:remove_member", "grace", lambda world: [world.groups["New hires"].pk, "user", world.tapuser.pk]),
    Page("directory:assign_role", "grace", lambda world: [READER]),
    Page("directory:remove_role", "grace", lambda world: [READER, "user", world.rosa.pk]),
    Page("directory:import_users", "grace"),
    Page("directory:import_users", "grace", state="no file", by=states.posted(sent="1"), status=422),
    Page("directory:import", "grace", of("imported")),
    Page("directory:settings", "grace", is_long=True),
    Page("directory:settings", "rosa", state="read only", is_long=True),
    Page("directory:add_domain", "grace", is_long=True),
    Page("directory:default_domain", "grace", lambda world: ["contoso.example"], is_long=True),
    Page("directory:remove_domain", "grace", lambda world: ["contoso.example"], is_long=True),
    # passes for many, notices, logs
    Page("bulk:new", "grace"),
    Page("bulk:new", "grace", state="mistakes", by=states.posted(names="")),
    Page("bulk:batch", "grace", of("batch"), state="draft"),
    Page("bulk:batch", "grace", of("batch"), state="running", by=states.batch_in("running")),
    Page("bulk:batch", "grace", of("batch"), state="done", by=states.batch_in("done")),
    Page("bulk:start", "grace", of("batch"), state="started", by=states.posted(on_open="skip")),
    Page("bulk:undo", "grace", of("batch"), by=states.batch_in("done")),
    Page("notices:recipients", "grace"),
    Page("notices:recipients", "rosa", state="read only"),
    Page("notices:recipients", "grace", state="mistakes", by=states.posted(who="addresses", addresses="x")),
    Page("authmethods:not_me", "", state="over", status=410),
    Page("accounts:audit", "grace", is_long=True),
    Page("accounts:audit", "grace", state="none", query="?person=nobody@contoso.com"),
    Page("accounts:audit_event", "grace", lambda world: [world.event.pk]),
    Page("accounts:sign_ins", "grace", is_long=True),
    Page("accounts:sign_in", "grace", lambda world: [world.event.pk]),
    Page("accounts:user_activity", "grace", of("mia")),
    Page("accounts:user_activity", "grace", of("sam"), state="none"),
    # app registrations
    Page("oidc:registrations", "grace", is_long=True),
    Page("oidc:registrations", "zed", state="none"),
    Page("oidc:new_registration", "grace"),
    Page("oidc:new_registration", "grace", state="mistakes", by=states.posted(name="")),
    Page("oidc:registration", "grace", of("application")),
    Page("oidc:registration_addresses", "grace", of("application")),
    Page("oidc:registration_secrets", "grace", of("application")),
    Page("oidc:registration_permissions", "grace", of("application")),
    Page("oidc:new_secret", "grace", of("application")),
    Page("oidc:new_secret", "grace", of("application"), state="made", by=states.posted(name="Server", days="180")),
    Page("oidc:delete_secret", "grace", lambda world: [world.application.pk, world.secret.pk]),
    Page("oidc:add_permission", "grace", of("application")),
    Page("oidc:give_consent", "grace", of("application")),
    Page("oidc:withdraw_consents", "grace", of("application")),
    Page("oidc:remove_permission", "grace", lambda world: [world.application.pk, world.permission.pk]),
    Page("oidc:disable_registration", "grace", of("application")),
    Page("oidc:delete_registration", "grace", of("application")),
    # applications
    Page("oidc:authorize", "mia", of("contoso"), state="consent", by=states.asked_to_agree("User.Read")),
    Page(
        "oidc:authorize", "mia", of("contoso"), state="approval", by=states.asked_to_agree("User.Read.All"), status=403
    ),
    Page("oidc:authorize", "mia", of("contoso"), state="not registered", query="?client_id=none", status=400),
    Page("oidc:logout", "mia", of("contoso")),
    Page("oidc:device", "mia"),
    Page("oidc:device", "mia", state="not known", by=states.posted(code="BCDF-GHJK")),
    Page("oidc:device", "mia", state="asked", by=states.device_asked),
    Page("oidc:device_answer", "mia", state="let in", by=states.device_let_in),
    # saying no
    Page("authmethods:home", "mia", state="no role", status=403),
    Page("accounts:user", "grace", of("zed"), state="of another organisation", status=404),
    Page("core:theme", "mia", state="wrong verb", status=405),
]

# Whole rooms: the Django admin brings its own pages, and the API speaks to programs.
ELSEWHERE = ("admin:", "graph-")
# Names that answer a GET without a page of their own.
EXCUSES = {
    "home": "sends everybody where his work is",
    "core:healthz": "for machines",
    "core:language": "takes POST only",
    "core:readyz": "for machines",
    "metrics": "for machines",
    "signin:confirm": "leads to a step of the sign-in",
    "signin:tap_link": "leads to the sign-in",
    "signin:out": "takes POST only",
    "signin:passkey_options": "takes POST only",
    "signin:passkey_finish": "takes POST only",
    "authmethods:passkey_creation_options": "takes POST only",
    "authmethods:passkey_register": "takes POST only",
    "authmethods:end_own_session": "takes POST only",
    "accounts:end_session": "takes POST only",
    "authmethods:passkey_models": "answers the search of the passkey policy; without scripts that page searches itself",
    "directory:start_import": "takes POST only",
    "directory:discard_import": "takes POST only",
    "directory:import_progress": "for a script",
    "directory:choose_rows": "takes POST only",
    "directory:import_refused": "sends a file",
    "directory:export_users": "sends a file",
    "bulk:discard": "takes POST only",
    "bulk:progress": "for a script",
    "bulk:hand_over": "sends a file",
    "accounts:audit_csv": "sends a file",
    "accounts:sign_ins_csv": "sends a file",
    "oidc:None": "the same views at older addresses",
    "oidc:configuration": "for machines",
    "oidc:keys": "for machines",
    "oidc:instance": "for machines",
    "oidc:revoke": "for machines",
    "oidc:token": "for machines",
    "oidc:token_v1": "for machines",
    "oidc:device_code": "for machines",
    "oidc:device_code_v1": "for machines",
    "oidc:user_info": "for machines",
    "oidc:consent": "takes POST only",
}
