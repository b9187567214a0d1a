"""Users, groups, roles, and the organisation itself."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from graph.shapes.base import Moment, Sent, Shape


class Identity(Shape):
    """One way a user is known."""

    graph_name = "objectIdentity"
    is_complex = True
    sign_in_type: str
    issuer: str
    issuer_assigned_id: str


class User(Shape):
    """A person."""

    graph_name = "user"
    odata_type: str = Field(default="#microsoft.graph.user", alias="@odata.type")
    id: str
    display_name: str
    user_principal_name: str
    mail: str | None
    given_name: str | None = None
    surname: str | None = None
    job_title: str | None = None
    mobile_phone: str | None = None
    office_location: str | None = None
    business_phones: list[str] = []
    preferred_language: str | None = None
    account_enabled: bool
    user_type: str
    creation_type: str | None
    created_date_time: Moment
    identities: list[Identity]


class Group(Shape):
    """A set of users and groups."""

    graph_name = "group"
    odata_type: str = Field(default="#microsoft.graph.group", alias="@odata.type")
    id: str
    display_name: str
    description: str | None
    created_date_time: Moment
    security_enabled: bool = True
    mail_enabled: bool = False
    mail_nickname: str | None = None
    group_types: list[str] = []
    is_assignable_to_role: bool | None = None


class DirectoryRole(Shape):
    """A role as older clients know it."""

    graph_name = "directoryRole"
    odata_type: str = Field(default="#microsoft.graph.directoryRole", alias="@odata.type")
    id: str
    role_template_id: str
    display_name: str
    description: str


class RolePermission(Shape):
    """What a role may do."""

    graph_name = "unifiedRolePermission"
    is_complex = True
    allowed_resource_actions: list[str]
    condition: str | None = None


class RoleDefinition(Shape):
    """A role."""

    graph_name = "unifiedRoleDefinition"
    id: str
    template_id: str
    display_name: str
    description: str
    is_built_in: bool = True
    is_enabled: bool = True
    resource_scopes: list[str] = ["/"]
    role_permissions: list[RolePermission]
    version: str = "1"


class RoleAssignment(Shape):
    """A role held by a user or a group."""

    graph_name = "unifiedRoleAssignment"
    id: str
    principal_id: str
    role_definition_id: str
    directory_scope_id: str = "/"
    app_scope_id: str | None = None


class VerifiedDomain(Shape):
    """A domain of the organisation, in short."""

    graph_name = "verifiedDomain"
    is_complex = True
    name: str
    is_default: bool
    is_initial: bool = False
    type: str


class Organization(Shape):
    """The caller's organisation."""

    graph_name = "organization"
    id: str
    display_name: str
    created_date_time: Moment
    tenant_type: str = "AAD"
    verified_domains: list[VerifiedDomain]


class Domain(Shape):
    """A domain; its id is its name."""

    graph_name = "domain"
    id: str
    authentication_type: str
    is_default: bool
    is_initial: bool = False
    is_root: bool = True
    is_verified: bool
    supported_services: list[str] = []


class SentPasswordProfile(Sent):
    """A first password, which nobody but its person may know here."""

    password: str | None = None
    force_change_password_next_sign_in: bool | None = None


class SentUser(Sent):
    """A person to make or change."""

    graph_name = "user"
    echoed: ClassVar[frozenset[str]] = frozenset(
        {"id", "createdDateTime", "identities", "creationType", "businessPhones", "mailNickname"}
    )
    display_name: str | None = None
    user_principal_name: str | None = None
    mail: str | None = None
    account_enabled: bool | None = None
    user_type: Literal["Member", "Guest"] | None = None
    preferred_language: str | None = None
    password_profile: SentPasswordProfile | None = None


class SentGroup(Sent):
    """A group to make or change."""

    graph_name = "group"
    echoed: ClassVar[frozenset[str]] = frozenset(
        {
            "id",
            "createdDateTime",
            "securityEnabled",
            "mailEnabled",
            "mailNickname",
            "groupTypes",
            "isAssignableToRole",
        }
    )
    display_name: str | None = None
    description: str | None = None


class SentRoleAssignment(Sent):
    """A role to give."""

    graph_name = "unifiedRoleAssignment"
    echoed: ClassVar[frozenset[str]] = frozenset({"id", "appScopeId"})
    principal_id: str
    role_definition_id: str
    directory_scope_id: str = "/"


class SentReference(Sent):
    """A member to add, by its address. Only the id in it is read; nothing is ever fetched."""

    member: str = Field(alias="@odata.id", max_length=500)

    @model_validator(mode="before")
    @classmethod
    def _leave_out_what_is_echoed(cls, sent: object) -> object:
        return sent
