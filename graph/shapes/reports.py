"""Audit events, sign-ins, and who has registered what."""

from graph.shapes.base import Moment, Shape


class UserIdentity(Shape):
    """A person as an event names him."""

    graph_name = "userIdentity"
    is_complex = True
    id: str | None
    display_name: str | None = None
    user_principal_name: str | None
    ip_address: str | None


class AppIdentity(Shape):
    """An application as an event names it."""

    graph_name = "appIdentity"
    is_complex = True
    app_id: str | None
    display_name: str | None
    service_principal_id: str | None = None
    service_principal_name: str | None = None


class AuditActor(Shape):
    """Whoever did it."""

    graph_name = "auditActivityInitiator"
    is_complex = True
    user: UserIdentity | None
    app: AppIdentity | None


class ModifiedProperty(Shape):
    """A value before and after."""

    graph_name = "modifiedProperty"
    is_complex = True
    display_name: str
    old_value: str | None
    new_value: str | None


class TargetResource(Shape):
    """Whatever it was done to."""

    graph_name = "targetResource"
    is_complex = True
    id: str | None
    display_name: str | None
    type: str
    user_principal_name: str | None
    group_type: str | None = None
    modified_properties: list[ModifiedProperty] = []


class KeyValue(Shape):
    """A detail of an event."""

    graph_name = "keyValue"
    is_complex = True
    key: str
    value: str | None


class DirectoryAudit(Shape):
    """One act."""

    graph_name = "directoryAudit"
    id: str
    activity_date_time: Moment
    activity_display_name: str
    category: str
    correlation_id: str | None
    result: str
    result_reason: str | None
    logged_by_service: str
    operation_type: str
    initiated_by: AuditActor
    target_resources: list[TargetResource]
    additional_details: list[KeyValue]


class SignInStatus(Shape):
    """How a sign-in went."""

    graph_name = "signInStatus"
    is_complex = True
    error_code: int
    failure_reason: str | None
    additional_details: str | None = None


class SignIn(Shape):
    """One sign-in, or one that was refused."""

    graph_name = "signIn"
    id: str
    created_date_time: Moment
    user_id: str
    user_principal_name: str
    user_display_name: str | None = None
    app_id: str | None = None
    app_display_name: str | None = None
    ip_address: str | None
    is_interactive: bool = True
    correlation_id: str | None
    conditional_access_status: str = "notApplied"
    status: SignInStatus


class AuthenticationDetail(Shape):
    """The method of a sign-in. In beta only, as in Graph."""

    graph_name = "authenticationDetail"
    is_complex = True
    authentication_step_date_time: Moment
    authentication_method: str
    succeeded: bool


class BetaSignIn(SignIn):
    """A sign-in with the method used."""

    authentication_details: list[AuthenticationDetail]


class RegistrationDetails(Shape):
    """What one user has registered."""

    graph_name = "userRegistrationDetails"
    id: str
    user_principal_name: str
    user_display_name: str
    user_type: str
    is_admin: bool
    is_mfa_capable: bool
    is_mfa_registered: bool
    is_passwordless_capable: bool
    is_sspr_capable: bool = False
    is_sspr_enabled: bool = False
    is_sspr_registered: bool = False
    methods_registered: list[str]
    last_updated_date_time: Moment
