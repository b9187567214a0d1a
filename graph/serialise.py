"""From our rows to what Graph calls them: one function for each kind of thing, and no rule."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.authority import MATRIX
from accounts.enums import Act, MethodKind, Role, UserKind
from accounts.models import Domain, Group, RoleAssignment, Tenant, User
from accounts.targeting import Target
from audit.activities import ACTIVITIES
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from authmethods.authenticators import model_name
from authmethods.catalogue import Method
from authmethods.models import Passkey, PasskeyPolicy, RegistrationCampaign
from graph.shapes.directory import (
    DirectoryRole,
    Identity,
    Organization,
    RoleDefinition,
    RolePermission,
    VerifiedDomain,
)
from graph.shapes.directory import Domain as DomainShape
from graph.shapes.directory import Group as GroupShape
from graph.shapes.directory import RoleAssignment as RoleAssignmentShape
from graph.shapes.directory import User as UserShape
from graph.shapes.methods import (
    PASSWORD_ID,
    AuthenticationMethod,
    Fido2Method,
    PassOfTenant,
    PasswordMethod,
    TemporaryAccessPassMethod,
)
from graph.shapes.policies import (
    ALL_USERS,
    CAMPAIGN_METHOD,
    Campaign,
    CampaignTarget,
    ExcludeTarget,
    Fido2Configuration,
    IncludeTarget,
    KeyRestrictions,
    TapConfiguration,
)
from graph.shapes.reports import (
    AppIdentity,
    AuditActor,
    AuthenticationDetail,
    BetaSignIn,
    DirectoryAudit,
    KeyValue,
    ModifiedProperty,
    SignIn,
    SignInStatus,
    TargetResource,
    UserIdentity,
)
from tap.enums import Listing, Usability
from tap.models import TapPolicy, TemporaryAccessPass
from tap.rules import State

# LOCKED is ours: for Graph a pass whose guesses are used up has ended.
REASONS = {one: one.value for one in Usability} | {Usability.LOCKED: Usability.EXPIRED.value}
_METHODS = "microsoft.directory/users/authenticationMethods"
_POLICIES = "microsoft.directory/userCredentialPolicies"
# What Graph calls the acts that roles are given.
ACTIONS: Mapping[Act, tuple[str, ...]] = {
    Act.DIRECTORY_VIEW: ("microsoft.directory/users/standard/read", "microsoft.directory/groups/standard/read"),
    Act.METHODS_VIEW: (f"{_METHODS}/standard/read",),
    Act.METHODS_DELETE: (f"{_METHODS}/delete",),
    Act.PASS_ISSUE: (f"{_METHODS}/create",),
    Act.PASS_VIEW: (f"{_METHODS}/standard/read",),
    Act.PASS_DELETE: (f"{_METHODS}/delete",),
    Act.POLICY_VIEW: (f"{_POLICIES}/standard/read",),
    Act.POLICY_CHANGE: (f"{_POLICIES}/basic/update",),
    Act.SESSIONS_REVOKE: ("microsoft.directory/users/invalidateAllRefreshTokens",),
}
NOBODY = UUID(int=0)  # where nobody is known by the name that was typed
METHODS = {
    "pass": MethodKind.TEMPORARY_ACCESS_PASS,
    "passkey": MethodKind.FIDO2,
    "password": MethodKind.PASSWORD,
}
GUESTS = (UserKind.INTERNAL_GUEST, UserKind.EXTERNAL_GUEST)


def user(row: User) -> UserShape:
    """Return a person. Whether a guest is external is told by identities, as in Graph, not by userType."""
    is_external = row.kind == UserKind.EXTERNAL_GUEST
    return UserShape(
        id=str(row.id),
        display_name=row.display_name,
        user_principal_name=row.upn,
        mail=row.mail or None,
        preferred_language=row.language or None,
        account_enabled=row.is_enabled,
        user_type="Guest" if row.kind in GUESTS else "Member",
        creation_type="Invitation" if is_external else None,
        created_date_time=row.created_at,
        identities=[
            Identity(
                sign_in_type="federated" if is_external else "userPrincipalName",
                issuer="ExternalAzureAD" if is_external else row.domain_name,
                issuer_assigned_id="" if is_external else row.upn,
            )
        ],
    )


def group(row: Group) -> GroupShape:
    """Return a group."""
    return GroupShape(
        id=str(row.id),
        display_name=row.name,
        description=row.description or None,
        created_date_time=row.created_at,
    )


def directory_role(role: Role) -> DirectoryRole:
    """Return a role as older clients know it. A role has one id here, so both are the same."""
    return DirectoryRole(
        id=role.value, role_template_id=role.value, display_name=str(role.label), description=str(role.summary)
    )


def role_definition(role: Role) -> RoleDefinition:
    """Return a role with what it may do."""
    actions = sorted({name for act in MATRIX[role] for name in ACTIONS.get(act, ())})
    return RoleDefinition(
        id=role.value,
        template_id=role.value,
        display_name=str(role.label),
        description=str(role.summary),
        role_permissions=[RolePermission(allowed_resource_actions=actions)],
    )


def role_assignment(row: RoleAssignment) -> RoleAssignmentShape:
    """Return a role held."""
    return RoleAssignmentShape(
        id=str(row.id), principal_id=str(row.user_id or row.group_id), role_definition_id=row.role
    )


def organization(tenant: Tenant, domains: list[Domain]) -> Organization:
    """Return the organisation."""
    return Organization(
        id=str(tenant.id),
        display_name=tenant.name,
        created_date_time=tenant.created_at,
        verified_domains=[
            VerifiedDomain(name=one.name, is_default=one.is_default, type=one.kind.capitalize())
            for one in domains
            if one.is_verified
        ],
    )


def domain(row: Domain) -> DomainShape:
    """Return a domain."""
    return DomainShape(
        id=row.name,
        authentication_type=row.kind.capitalize(),
        is_default=row.is_default,
        is_verified=row.is_verified,
    )


def temporary_access_pass(
    issued: TemporaryAccessPass, state: State, *, code: str | None = None
) -> TemporaryAccessPassMethod:
    """Return a pass. ``code`` is known to the answer that makes it, and to no other (criterion A02)."""
    return TemporaryAccessPassMethod(
        id=str(issued.id),
        created_date_time=issued.created_at,
        start_date_time=issued.starts_at,
        lifetime_in_minutes=issued.lifetime_in_minutes,
        is_usable_once=issued.is_usable_once,
        is_usable=state.is_usable,
        method_usability_reason=REASONS[state.usability],
        temporary_access_pass=code,
    )


def pass_of_tenant(issued: TemporaryAccessPass, state: State, *, now: datetime) -> PassOfTenant:
    """Return a pass with its person."""
    return PassOfTenant(
        **temporary_access_pass(issued, state).model_dump(exclude={"odata_type"}),
        user_id=str(issued.user_id),
        user_principal_name=issued.user.upn,
        user_display_name=issued.user.display_name,
        end_date_time=issued.ends_at,
        issued_by=issued.issued_by,
        last_used_date_time=issued.last_used_at,
        state=listing_of(issued, now=now).value,
    )


def listing_of(issued: TemporaryAccessPass, *, now: datetime) -> Listing:
    """Return where a pass stands in its life."""
    if issued.is_usable_once and issued.first_used_at is not None:
        return Listing.USED
    if issued.ends_at <= now:
        return Listing.EXPIRED
    return Listing.SCHEDULED if issued.starts_at > now else Listing.LIVE


def passkey(row: Passkey) -> Fido2Method:
    """Return a passkey."""
    return Fido2Method(
        id=str(row.id),
        created_date_time=row.created_at,
        display_name=row.name,
        aa_guid=str(row.aaguid),
        model=model_name(row.aaguid) or None,
        attestation_level="attested" if row.is_attested else "notAttested",
        passkey_type="synced" if row.is_backup_eligible else "deviceBound",
    )


def password(changed_at: datetime | None) -> PasswordMethod:
    """Return the fact that there is a password."""
    return PasswordMethod(id=PASSWORD_ID, created_date_time=changed_at)


def method(one: Method) -> AuthenticationMethod:
    """Return any method."""
    if one.issued is not None and one.state is not None:
        return temporary_access_pass(one.issued, one.state)
    if one.passkey is not None:
        return passkey(one.passkey)
    return password(one.password_changed_at)


def include_target(target: Target) -> IncludeTarget:
    """Return a line of an include list."""
    return IncludeTarget(id=_target_id(target), target_type="user" if target.user_id else "group")


def exclude_target(target: Target) -> ExcludeTarget:
    """Return a line of an exclude list."""
    return ExcludeTarget(id=_target_id(target), target_type="user" if target.user_id else "group")


def tap_configuration(policy: TapPolicy, included: list[Target], excluded: list[Target]) -> TapConfiguration:
    """Return the Temporary Access Pass policy."""
    return TapConfiguration(
        id="TemporaryAccessPass",
        state="enabled" if policy.is_enabled else "disabled",
        default_lifetime_in_minutes=policy.default_lifetime,
        default_length=policy.default_length,
        minimum_lifetime_in_minutes=policy.minimum_lifetime,
        maximum_lifetime_in_minutes=policy.maximum_lifetime,
        is_usable_once=policy.is_usable_once,
        include_targets=[include_target(one) for one in included],
        exclude_targets=[exclude_target(one) for one in excluded],
    )


def fido2_configuration(policy: PasskeyPolicy, included: list[Target], excluded: list[Target]) -> Fido2Configuration:
    """Return the passkey policy."""
    return Fido2Configuration(
        id="Fido2",
        state="enabled" if policy.is_enabled else "disabled",
        is_self_service_registration_allowed=policy.is_self_service_allowed,
        is_attestation_enforced=policy.is_attestation_enforced,
        key_restrictions=KeyRestrictions(
            is_enforced=policy.is_key_restricted, enforcement_type=policy.enforcement, aa_guids=list(policy.aaguids)
        ),
        include_targets=[include_target(one) for one in included],
        exclude_targets=[exclude_target(one) for one in excluded],
    )


def campaign(row: RegistrationCampaign, included: list[Target], excluded: list[Target]) -> Campaign:
    """Return the registration campaign."""
    return Campaign(
        snooze_duration_in_days=row.snooze_days,
        state="default" if row.is_default else "enabled" if row.is_enabled else "disabled",
        include_targets=[
            CampaignTarget(
                id=_target_id(one),
                target_type="user" if one.user_id else "group",
                targeted_authentication_method=CAMPAIGN_METHOD,
            )
            for one in included
        ],
        exclude_targets=[exclude_target(one) for one in excluded],
    )


def _target_id(target: Target) -> str:
    return ALL_USERS if target.is_all_users else str(target.user_id or target.group_id)


def directory_audit(event: AuditEvent) -> DirectoryAudit:
    """Return an act as Graph tells it: monitoring rules match its names letter by letter."""
    activity = ACTIVITIES[Event(event.event)]
    is_own = event.actor_id is not None and event.actor_id == event.target_id
    is_done = event.outcome == Outcome.SUCCESS
    details = {name: value for name, value in event.detail.items() if name not in ("old", "new", "via")}
    return DirectoryAudit(
        id=str(event.pk),
        activity_date_time=event.at,
        activity_display_name=event.activity,
        category=activity.category.value,
        correlation_id=event.request_id or None,
        result="success" if is_done else "failure",
        result_reason=(activity.reason_for(is_own=is_own) if is_done else event.reason) or None,
        logged_by_service="Authentication Methods" if "registered" in event.activity else "Core Directory",
        operation_type=activity.operation.value,
        initiated_by=_initiator(event),
        target_resources=[_target_of(event)] if event.target_id or event.target_name else [],
        additional_details=[KeyValue(key=name, value=_plain(value)) for name, value in details.items()],
    )


def sign_in(event: AuditEvent) -> SignIn:
    """Return a sign-in, or one that was refused."""
    return SignIn(**_sign_in(event))


def beta_sign_in(event: AuditEvent) -> BetaSignIn:
    """Return a sign-in with its method."""
    is_done = event.outcome == Outcome.SUCCESS
    method = event.detail.get("method") or METHODS.get(event.event.split(":")[1])
    label = str(MethodKind(method).label) if method in MethodKind.values else event.activity
    used = AuthenticationDetail(authentication_step_date_time=event.at, authentication_method=label, succeeded=is_done)
    return BetaSignIn(**_sign_in(event), authentication_details=[used])


def _sign_in(event: AuditEvent) -> dict[str, Any]:
    is_done = event.outcome == Outcome.SUCCESS
    return {
        "id": str(event.pk),
        "created_date_time": event.at,
        "user_id": str(event.target_id or event.actor_id or NOBODY),
        "user_principal_name": event.target_name or event.actor_name,
        "ip_address": event.address or None,
        "correlation_id": event.request_id or None,
        "status": SignInStatus(error_code=0 if is_done else 1, failure_reason=None if is_done else event.reason),
    }


def _initiator(event: AuditEvent) -> AuditActor:
    """Return the person, and the application he came through or that acted by itself."""
    via = event.detail.get("via")
    app = AppIdentity(app_id=via["id"], display_name=via["name"]) if via else None
    if event.actor_id is None:
        return AuditActor(user=None, app=app or AppIdentity(app_id=None, display_name=event.actor_name))
    person = UserIdentity(
        id=str(event.actor_id), user_principal_name=event.actor_name, ip_address=event.address or None
    )
    return AuditActor(user=person, app=app)


def _target_of(event: AuditEvent) -> TargetResource:
    is_person = "@" in event.target_name
    return TargetResource(
        id=str(event.target_id) if event.target_id else None,
        display_name=event.target_name or None,
        type="User" if is_person else "Other",
        user_principal_name=event.target_name if is_person else None,
        modified_properties=_modified(event.detail.get("old"), event.detail.get("new")),
    )


def _modified(old: object, new: object) -> list[ModifiedProperty]:
    before, after = (one if isinstance(one, dict) else {} for one in (old, new))
    names = [name for name in dict.fromkeys([*before, *after]) if before.get(name) != after.get(name)]
    return [
        ModifiedProperty(display_name=name, old_value=_plain(before.get(name)), new_value=_plain(after.get(name)))
        for name in names
    ]


def _plain(value: object) -> str | None:
    return None if value is None else value if isinstance(value, str) else json.dumps(value)
