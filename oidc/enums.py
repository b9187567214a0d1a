"""The words of the OpenID provider."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.text import Text


class PermissionKind(TextChoices):
    """Who acts with a permission."""

    DELEGATED = "delegated", _("Delegated")
    APPLICATION = "application", _("Application")


class Permission(TextChoices):
    """What a token may be used for, by Microsoft Graph's names."""

    OPENID = "openid", _("Sign you in")
    PROFILE = "profile", _("See your name and user name")
    EMAIL = "email", _("See your mail address")
    OFFLINE_ACCESS = "offline_access", _("Stay signed in until your sign-in ends")
    USER_READ = "User.Read", _("Read your profile")
    USER_READ_BASIC_ALL = "User.ReadBasic.All", _("Read everybody's name and user name")
    USER_READ_ALL = "User.Read.All", _("Read everybody's profile")
    USER_READ_WRITE_ALL = "User.ReadWrite.All", _("Read and change everybody's profile")
    DIRECTORY_READ_ALL = "Directory.Read.All", _("Read the directory")
    GROUP_READ_ALL = "Group.Read.All", _("Read groups and their members")
    GROUP_READ_WRITE_ALL = "Group.ReadWrite.All", _("Read and change groups and their members")
    GROUP_MEMBER_READ_ALL = "GroupMember.Read.All", _("Read who is in which group")
    GROUP_MEMBER_READ_WRITE_ALL = "GroupMember.ReadWrite.All", _("Read and change who is in which group")
    ROLES_READ = "RoleManagement.Read.Directory", _("Read who holds which role")
    ROLES_READ_WRITE = "RoleManagement.ReadWrite.Directory", _("Read and change who holds which role")
    METHODS_READ = "UserAuthenticationMethod.Read", _("Read your sign-in methods")
    METHODS_READ_WRITE = "UserAuthenticationMethod.ReadWrite", _("Read and change your sign-in methods")
    METHODS_READ_ALL = "UserAuthenticationMethod.Read.All", _("Read everybody's sign-in methods")
    METHODS_READ_WRITE_ALL = (
        "UserAuthenticationMethod.ReadWrite.All",
        _("Read and change everybody's sign-in methods, and issue passes"),
    )
    PASSES_READ_ALL = "UserAuthMethod-TAP.Read.All", _("Read everybody's Temporary Access Pass, never the code")
    PASSES_READ_WRITE_ALL = (
        "UserAuthMethod-TAP.ReadWrite.All",
        _("Issue and delete Temporary Access Passes for everybody"),
    )
    PASSKEYS_READ_ALL = "UserAuthMethod-Passkey.Read.All", _("Read everybody's passkeys")
    PASSKEYS_READ_WRITE_ALL = "UserAuthMethod-Passkey.ReadWrite.All", _("Read, add and delete everybody's passkeys")
    POLICY_READ_ALL = "Policy.Read.All", _("Read the organisation's policies")
    POLICY_READ_METHODS = "Policy.Read.AuthenticationMethod", _("Read the policies of sign-in methods")
    POLICY_READ_WRITE_METHODS = (
        "Policy.ReadWrite.AuthenticationMethod",
        _("Read and change the policies of sign-in methods"),
    )
    AUDIT_READ_ALL = "AuditLog.Read.All", _("Read the audit log")
    REPORTS_READ_ALL = "Reports.Read.All", _("Read reports")
    ORGANIZATION_READ_ALL = "Organization.Read.All", _("Read what describes the organisation")
    DOMAIN_READ_ALL = "Domain.Read.All", _("Read the organisation's domains")


class TokenProblem(StrEnum):
    """Why a token gives no access."""

    MISSING = "missing"
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_ISSUER = "wrong_issuer"
    WRONG_AUDIENCE = "wrong_audience"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    REVOKED = "revoked"
    SESSION_ENDED = "session_ended"
    APPLICATION_DISABLED = "application_disabled"
    ORGANISATION_DISABLED = "organisation_disabled"

    @property
    def message(self) -> Text:
        """Return the sentence its bearer sees."""
        return MESSAGES[self]


MESSAGES: dict[TokenProblem, Text] = {
    TokenProblem.MISSING: _("Send an access token."),
    TokenProblem.MALFORMED: _("That is not an access token."),
    TokenProblem.WRONG_TYPE: _("That is not an access token."),
    TokenProblem.WRONG_SIGNATURE: _("The access token was not signed here."),
    TokenProblem.WRONG_ISSUER: _("The access token was not made by this organisation."),
    TokenProblem.WRONG_AUDIENCE: _("The access token is meant for somebody else."),
    TokenProblem.NOT_YET_VALID: _("The access token cannot be used yet."),
    TokenProblem.EXPIRED: _("The access token has expired."),
    TokenProblem.UNKNOWN: _("The access token is not known here."),
    TokenProblem.REVOKED: _("The access token was revoked."),
    TokenProblem.SESSION_ENDED: _("The sign-in behind the access token is over."),
    TokenProblem.APPLICATION_DISABLED: _("The application is disabled."),
    TokenProblem.ORGANISATION_DISABLED: _("The organisation is disabled."),
}
