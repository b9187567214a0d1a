"""Who may do what to whom. Pure: no database, no clock of its own. Default deny."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.enums import Act, MethodKind, RequiredStrength, Role, Standing, Strength
from core.text import Text

PEOPLE = frozenset({Standing.MEMBER, Standing.ADMIN})
MEMBERS = frozenset({Standing.MEMBER})
ANYBODY = frozenset({Standing.SELF, Standing.MEMBER, Standing.ADMIN})

_READ = {Act.DIRECTORY_VIEW: ANYBODY}
_LOGS = {Act.AUDIT_VIEW: ANYBODY}
_OVER_PEOPLE = {
    Act.METHODS_VIEW: ANYBODY,
    Act.METHODS_ADD: PEOPLE,
    Act.METHODS_DELETE: PEOPLE,
    Act.PASSWORD_RESET: PEOPLE,
    Act.PASS_ISSUE: PEOPLE,
    Act.PASS_DELETE: PEOPLE,
    Act.PASS_VIEW: ANYBODY,
    Act.SESSIONS_VIEW: ANYBODY,
    Act.SESSIONS_REVOKE: PEOPLE,
    Act.POLICY_VIEW: ANYBODY,
}
_OVER_DIRECTORY = {
    Act.USERS_CREATE: MEMBERS,
    Act.USERS_UPDATE: ANYBODY,
    Act.USERS_DISABLE: PEOPLE,
    Act.USERS_DELETE: PEOPLE,
    Act.USERS_RESTORE: PEOPLE,
    Act.GROUPS_MANAGE: PEOPLE,
    Act.ROLES_ASSIGN: PEOPLE,
    Act.TENANT_CONFIGURE: MEMBERS,
    Act.DOMAINS_MANAGE: MEMBERS,
}
_POLICY = {Act.POLICY_VIEW: ANYBODY, Act.POLICY_CHANGE: ANYBODY}
_APPLICATIONS = {Act.APPLICATIONS_VIEW: ANYBODY, Act.APPLICATIONS_MANAGE: ANYBODY, Act.CONSENT_GRANT: ANYBODY}

# Role × act → the standings it reaches. What is not here is denied: nobody issues to himself, whatever his role.
# A group that gives a role, itself or through one it stands in, is as an administrator; an act that concerns nobody in
# particular is as a member.
# Source: the specification's list of roles; design §4.
MATRIX: Mapping[Role, Mapping[Act, frozenset[Standing]]] = {
    Role.GLOBAL_ADMINISTRATOR: {**_READ, **_LOGS, **_OVER_PEOPLE, **_OVER_DIRECTORY, **_POLICY, **_APPLICATIONS},
    Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: {**_READ, **_LOGS, **_OVER_PEOPLE},
    Role.AUTHENTICATION_ADMINISTRATOR: {
        **_READ,
        Act.METHODS_VIEW: frozenset({Standing.SELF, Standing.MEMBER}),
        Act.METHODS_ADD: MEMBERS,
        Act.METHODS_DELETE: MEMBERS,
        Act.PASSWORD_RESET: MEMBERS,
        Act.PASS_ISSUE: MEMBERS,
        Act.PASS_DELETE: MEMBERS,
        Act.PASS_VIEW: frozenset({Standing.SELF, Standing.MEMBER}),
        Act.SESSIONS_VIEW: frozenset({Standing.SELF, Standing.MEMBER}),
        Act.SESSIONS_REVOKE: MEMBERS,
        Act.POLICY_VIEW: ANYBODY,
    },
    Role.USER_ADMINISTRATOR: {
        **_READ,
        Act.USERS_CREATE: MEMBERS,
        Act.USERS_UPDATE: MEMBERS,
        Act.USERS_DISABLE: MEMBERS,
        Act.USERS_DELETE: MEMBERS,
        Act.USERS_RESTORE: MEMBERS,
        Act.GROUPS_MANAGE: MEMBERS,
    },
    Role.AUTHENTICATION_POLICY_ADMINISTRATOR: {**_READ, **_POLICY},
    Role.GLOBAL_READER: {
        **_READ,
        **_LOGS,
        Act.METHODS_VIEW: ANYBODY,
        Act.PASS_VIEW: ANYBODY,
        Act.SESSIONS_VIEW: ANYBODY,
        Act.POLICY_VIEW: ANYBODY,
        Act.APPLICATIONS_VIEW: ANYBODY,
    },
}
OWN: Mapping[Act, frozenset[Standing]] = {Act.OWN_METHODS_CHANGE: frozenset({Standing.SELF})}
# Support staff look at everything of their organisation; what they change, they change by roles of their own.
SUPPORT: Mapping[Act, frozenset[Standing]] = {Act.SUPPORT_VIEW: ANYBODY}
OPERATOR_NAME = "operator"  # in events, and where a pass says who made it; what people read: core.wording.OPERATOR
# The machine's operator (command line): every right over people and the directory, none over the limits that policies
# and the organisation's settings draw (design §1).
OPERATOR: Mapping[Act, frozenset[Standing]] = {
    Act.AUDIT_VIEW: PEOPLE,
    Act.DIRECTORY_VIEW: PEOPLE,
    Act.METHODS_VIEW: PEOPLE,
    Act.METHODS_ADD: PEOPLE,
    Act.METHODS_DELETE: PEOPLE,
    Act.PASSWORD_RESET: PEOPLE,
    Act.PASS_ISSUE: PEOPLE,
    Act.PASS_DELETE: PEOPLE,
    Act.PASS_VIEW: PEOPLE,
    Act.SESSIONS_VIEW: PEOPLE,
    Act.SESSIONS_REVOKE: PEOPLE,
    Act.POLICY_VIEW: PEOPLE,
    Act.USERS_CREATE: PEOPLE,
    Act.USERS_UPDATE: PEOPLE,
    Act.USERS_DISABLE: PEOPLE,
    Act.USERS_DELETE: PEOPLE,
    Act.USERS_RESTORE: PEOPLE,
    Act.GROUPS_MANAGE: PEOPLE,
    Act.ROLES_ASSIGN: PEOPLE,
    Act.TENANTS_CREATE: PEOPLE,
    Act.DOMAINS_MANAGE: PEOPLE,
    Act.DOMAINS_VERIFY: PEOPLE,
    Act.APPLICATIONS_VIEW: PEOPLE,
    Act.TOKENS_ISSUE: PEOPLE,
}
ADMINISTRATIVE_CHANGES = frozenset(
    {
        Act.METHODS_ADD,
        Act.METHODS_DELETE,
        Act.PASSWORD_RESET,
        Act.PASS_ISSUE,
        Act.PASS_DELETE,
        Act.POLICY_CHANGE,
        Act.SESSIONS_REVOKE,
        Act.TENANTS_CREATE,
        Act.DOMAINS_VERIFY,
        *_OVER_DIRECTORY,
        Act.APPLICATIONS_MANAGE,
        Act.CONSENT_GRANT,
    }
)
NEEDS_FRESH_SIGN_IN = ADMINISTRATIVE_CHANGES | {Act.SUPPORT_VIEW}


class Reason(StrEnum):
    """Why a decision is what it is."""

    ALLOWED = "allowed"
    NOT_SIGNED_IN = "not_signed_in"
    NO_ROLE = "no_role"
    NO_PERMISSION = "no_permission"
    TARGET_IS_SELF = "target_is_self"
    TARGET_IS_ADMIN = "target_is_admin"
    SIGN_IN_TOO_WEAK = "sign_in_too_weak"
    SIGN_IN_NOT_FRESH = "sign_in_not_fresh"
    REGISTRATION_WINDOW_OVER = "registration_window_over"

    @property
    def message(self) -> Text:
        """Return the sentence a person sees."""
        return MESSAGES[self]

    @property
    def can_step_up(self) -> bool:
        """True where signing in again would do."""
        return self in (Reason.SIGN_IN_TOO_WEAK, Reason.SIGN_IN_NOT_FRESH, Reason.NOT_SIGNED_IN)


MESSAGES: Mapping[Reason, Text] = {
    Reason.ALLOWED: "",
    Reason.NOT_SIGNED_IN: _("Sign in first."),
    Reason.NO_ROLE: _("None of your roles allows this."),
    Reason.NO_PERMISSION: _("The application was not given the permission for this."),
    Reason.TARGET_IS_SELF: _("You can't do this to your own account. Ask another administrator."),
    Reason.TARGET_IS_ADMIN: _("An administrator role is behind this, and your roles don't reach administrators."),
    Reason.SIGN_IN_TOO_WEAK: _("The way you signed in is not strong enough for this. Sign in with a stronger method."),
    Reason.SIGN_IN_NOT_FRESH: _("You signed in a while ago. Confirm that it's you."),
    Reason.REGISTRATION_WINDOW_OVER: _(
        "Time to add a method is over. Sign in with a new pass. Ask your administrator for one."
    ),
}


@dataclass(frozen=True)
class SessionFacts:
    """What is known of the sign-in behind an actor."""

    id: UUID
    method: MethodKind
    credential_id: UUID | None
    authenticated_at: datetime
    ends_at: datetime
    registration_ends_at: datetime | None

    @property
    def strength(self) -> Strength:
        """Return what the sign-in proved."""
        return self.method.strength


@dataclass(frozen=True)
class TenantRules:
    """The tenant's settings that decisions need."""

    id: UUID
    name: str
    issuer_strength: RequiredStrength
    admin_fresh_minutes: int
    methods_fresh_minutes: int


@dataclass(frozen=True)
class ApplicationFacts:
    """The application whose token an actor came with."""

    id: UUID
    client_id: str
    name: str


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a person in a session, an application, the machine's operator, or nobody known yet.

    ``limits`` is what the token in hand may be used for, act by act; None where there is no token. With a person they
    narrow what his roles reach; an application that acts by itself has no roles, and they are all it has.
    """

    user_id: UUID | None = None
    name: str = ""
    upn: str = ""
    tenant: TenantRules | None = None
    roles: frozenset[Role] = field(default_factory=frozenset)
    session: SessionFacts | None = None
    application: ApplicationFacts | None = None
    limits: Mapping[Act, frozenset[Standing]] | None = None
    is_support_staff: bool = False
    is_operator: bool = False
    address: str = ""
    user_agent: str = ""
    request_id: str = ""
    opening: UUID | None = None  # the session that what he does now will open
    ordered_at: datetime | None = None  # a task acts for him: his sign-in is judged as it was when he ordered it

    @property
    def is_app_only(self) -> bool:
        """True for an application that acts by itself, for no person."""
        return self.application is not None and self.user_id is None

    @property
    def tenant_id(self) -> UUID | None:
        """Return the tenant he belongs to; an operator acts in the target's."""
        return self.tenant.id if self.tenant else None

    @property
    def tenant_name(self) -> str:
        """Return his tenant's name."""
        return self.tenant.name if self.tenant else ""

    @property
    def session_id(self) -> UUID | None:
        """Return the id of his sign-in session, or of the one he is about to open."""
        return self.opening or (self.session.id if self.session else None)

    @property
    def audit_name(self) -> str:
        """Return what events call him."""
        if self.application is not None and self.user_id is None:
            return f"{self.application.name} ({self.application.client_id})"
        return OPERATOR_NAME if self.is_operator else self.upn or "anonymous"

    @property
    def via(self) -> dict[str, object] | None:
        """Return the application he comes through, as events keep it: in a person's name, or by itself."""
        return {"id": self.application.client_id, "name": self.application.name} if self.application else None

    @property
    def told_as(self) -> str:
        """Return what notices call him: no name where he is the machine's operator, whom each reader is told in his words."""
        return "" if self.is_operator else self.name or self.audit_name

    @property
    def may_enter_center(self) -> bool:
        """True where he holds any role at all."""
        return bool(self.roles)


@dataclass(frozen=True)
class Decision:
    """An answer with its reason."""

    reason: Reason

    @property
    def is_allowed(self) -> bool:
        """True for yes."""
        return self.reason is Reason.ALLOWED


def decide(actor: Actor, act: Act, standing: Standing, *, now: datetime) -> Decision:
    """Say whether ``actor`` may do ``act`` to somebody who stands so to him, in the session he has at ``now``."""
    reached = reach_of(actor, act)
    if standing not in reached:
        return Decision(_refusal(actor, act, standing))
    if actor.is_operator or actor.is_app_only:
        return Decision(Reason.ALLOWED)
    return Decision(session_problem(actor, act, now=actor.ordered_at or now) or Reason.ALLOWED)


def reach_of(actor: Actor, act: Act) -> frozenset[Standing]:
    """Return the standings that the actor reaches with ``act``: by any of his roles, within the limits of his token."""
    if actor.is_app_only:
        return (actor.limits or {}).get(act, frozenset())
    held = _held(actor, act)
    return held if actor.limits is None else held & actor.limits.get(act, frozenset())


def session_problem(actor: Actor, act: Act, *, now: datetime) -> Reason | None:
    """Say what is wrong with the actor's sign-in for ``act``, if anything.

    Administration: multi-factor to look, the tenant's strength and a fresh sign-in to change (design §5, criterion A10).
    Support: multi-factor and fresh, to look at all.
    Own methods: multi-factor and fresh; a pass counts for its whole life, a one-time pass within its window (B04, B08).
    """
    session, tenant = actor.session, actor.tenant
    if session is None or tenant is None:
        return Reason.NOT_SIGNED_IN
    if session.strength < Strength.PASS:
        return Reason.SIGN_IN_TOO_WEAK
    if act is Act.OWN_METHODS_CHANGE:
        return _own_methods_problem(session, tenant, now=now)
    if act in ADMINISTRATIVE_CHANGES and session.strength < tenant.issuer_strength.least:
        return Reason.SIGN_IN_TOO_WEAK
    if act in NEEDS_FRESH_SIGN_IN and now - session.authenticated_at > timedelta(minutes=tenant.admin_fresh_minutes):
        return Reason.SIGN_IN_NOT_FRESH
    return None


def holders_of(act: Act, standing: Standing) -> list[Role]:
    """Return the roles that may do ``act`` to such a person, least powerful first, for the page that says no."""
    return [role for role in reversed(Role) if standing in MATRIX[role].get(act, frozenset())]


def _own_methods_problem(session: SessionFacts, tenant: TenantRules, *, now: datetime) -> Reason | None:
    if session.method is MethodKind.TEMPORARY_ACCESS_PASS:
        is_over = session.registration_ends_at is not None and now >= session.registration_ends_at
        return Reason.REGISTRATION_WINDOW_OVER if is_over else None
    if now - session.authenticated_at > timedelta(minutes=tenant.methods_fresh_minutes):
        return Reason.SIGN_IN_NOT_FRESH
    return None


def _held(actor: Actor, act: Act) -> frozenset[Standing]:
    if actor.is_operator:
        return OPERATOR.get(act, frozenset())
    if actor.user_id is None:
        return frozenset()
    own = OWN.get(act, frozenset()) | (SUPPORT.get(act, frozenset()) if actor.is_support_staff else frozenset())
    return own.union(*(MATRIX[role].get(act, frozenset()) for role in actor.roles))


def _refusal(actor: Actor, act: Act, standing: Standing) -> Reason:
    if actor.user_id is None and not actor.is_operator and not actor.is_app_only:
        return Reason.NOT_SIGNED_IN
    held = _held(actor, act)
    if actor.is_app_only or standing in held:
        return Reason.NO_PERMISSION
    if not held:
        return Reason.NO_ROLE
    return Reason.TARGET_IS_SELF if standing is Standing.SELF else Reason.TARGET_IS_ADMIN
