"""The words of the directory."""

from enum import IntEnum, StrEnum
from typing import TypeAlias

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.text import Text


class UserKind(TextChoices):
    """Where a person's sign-in lives (not Graph's userType: an internal guest has userType Guest and signs in here)."""

    MEMBER = "member", _("Member")
    INTERNAL_GUEST = "internal_guest", _("Guest with an account here")
    EXTERNAL_GUEST = "external_guest", _("Guest from another organisation")


class DomainKind(TextChoices):
    """Who checks the sign-in of a domain's users."""

    MANAGED = "managed", _("Managed here")
    FEDERATED = "federated", _("Federated")


class Role(TextChoices):
    """Directory roles, by Graph's role template ids."""

    GLOBAL_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10", _("Global Administrator")
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = (
        "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
        _("Privileged Authentication Administrator"),
    )
    AUTHENTICATION_ADMINISTRATOR = "c4e39bd9-1100-46d3-8c65-fb160da0071f", _("Authentication Administrator")
    USER_ADMINISTRATOR = "fe930be7-5e62-47db-91af-98c3a49a38b1", _("User Administrator")
    AUTHENTICATION_POLICY_ADMINISTRATOR = (
        "0526716b-113d-4c15-b2c8-68e3c22b9f80",
        _("Authentication Policy Administrator"),
    )
    GLOBAL_READER = "f2ef992c-3afb-46b9-b7cf-a126ee74c451", _("Global Reader")

    @property
    def summary(self) -> Text:
        """Return what somebody who holds it may do, in a sentence."""
        return {
            Role.GLOBAL_ADMINISTRATOR: _(
                "Issues and deletes passes for everybody else, administrators included, changes every policy, and "
                "manages people, groups, roles and the organisation."
            ),
            Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: _(
                "Issues, deletes and views passes and other methods of everybody else, administrators included."
            ),
            Role.AUTHENTICATION_ADMINISTRATOR: _(
                "Issues, deletes and views passes and other methods of people who hold no administrator role."
            ),
            Role.USER_ADMINISTRATOR: _(
                "Creates, changes, disables, deletes and restores people who hold no administrator role, and manages "
                "groups that give none. Issues no passes."
            ),
            Role.AUTHENTICATION_POLICY_ADMINISTRATOR: _(
                "Changes the policies of authentication methods, and can neither issue nor see passes."
            ),
            Role.GLOBAL_READER: _(
                "Sees everything about people, policies and passes but the codes, and changes nothing."
            ),
        }[self]


class Standing(StrEnum):
    """What the target is to the actor."""

    SELF = "self"
    MEMBER = "member"
    ADMIN = "admin"


class Act(StrEnum):
    """What somebody wants to do, in the present tense."""

    AUDIT_VIEW = "audit:view"
    DIRECTORY_VIEW = "accounts:directory:view"
    USERS_CREATE = "accounts:users:create"
    USERS_UPDATE = "accounts:users:update"
    USERS_DISABLE = "accounts:users:disable"
    USERS_DELETE = "accounts:users:delete"
    USERS_RESTORE = "accounts:users:restore"
    GROUPS_MANAGE = "accounts:groups:manage"
    ROLES_ASSIGN = "accounts:roles:assign"
    TENANT_CONFIGURE = "accounts:tenant:configure"
    TENANTS_CREATE = "accounts:tenants:create"
    DOMAINS_MANAGE = "accounts:domains:manage"
    DOMAINS_VERIFY = "accounts:domains:verify"
    METHODS_VIEW = "authmethods:methods:view"
    METHODS_ADD = "authmethods:methods:add"
    METHODS_DELETE = "authmethods:methods:delete"
    PASSWORD_RESET = "authmethods:password:reset"
    OWN_METHODS_CHANGE = "authmethods:own:change"
    PASS_ISSUE = "tap:pass:issue"
    PASS_DELETE = "tap:pass:delete"
    PASS_VIEW = "tap:pass:view"
    POLICY_VIEW = "policy:view"
    POLICY_CHANGE = "policy:change"
    SESSIONS_VIEW = "accounts:sessions:view"
    SESSIONS_REVOKE = "accounts:sessions:revoke"
    SUPPORT_VIEW = "support:view"
    APPLICATIONS_VIEW = "oidc:applications:view"
    APPLICATIONS_MANAGE = "oidc:applications:manage"
    CONSENT_GRANT = "oidc:consent:grant"
    TOKENS_ISSUE = "oidc:tokens:issue"


class Strength(IntEnum):
    """How much a sign-in proves, weakest first."""

    SINGLE_FACTOR = 0
    PASS = 1  # multi-factor, but it ends
    LASTING = 2  # multi-factor with a method that stays
    PHISHING_RESISTANT = 3


class RequiredStrength(TextChoices):
    """What an administrator's session must be to change anything (a tenant setting, design §5)."""

    MULTI_FACTOR = "multi_factor", _("Multi-factor; a Temporary Access Pass counts")
    LASTING_METHOD = "lasting_method", _("Multi-factor with a lasting method; a Temporary Access Pass does not count")
    PHISHING_RESISTANT = "phishing_resistant", _("Phishing-resistant, such as a passkey")

    @property
    def least(self) -> Strength:
        """Return the weakest sign-in that satisfies this."""
        return {
            RequiredStrength.MULTI_FACTOR: Strength.PASS,
            RequiredStrength.LASTING_METHOD: Strength.LASTING,
            RequiredStrength.PHISHING_RESISTANT: Strength.PHISHING_RESISTANT,
        }[self]


class PassPrompt(TextChoices):
    """Whether the identifier step may show that a usable pass exists (docs/decisions/0005)."""

    WHEN_USABLE = "when_usable", _("Ask for a pass as soon as the person has a usable one")
    NEVER = "never", _("Never show that a pass exists; it is found under Other ways to sign in")


class MethodKind(TextChoices):
    """Ways to sign in, by the id of Graph's authentication method configuration where there is one."""

    TEMPORARY_ACCESS_PASS = "TemporaryAccessPass", _("Temporary Access Pass")
    FIDO2 = "Fido2", _("Passkey")
    PASSWORD = "Password", _("Password")
    OPERATOR = "Operator", _("Command line")  # the machine's operator spoke for the person; nobody signs in so

    @property
    def strength(self) -> Strength:
        """Return what a sign-in with this method proves."""
        return {
            MethodKind.TEMPORARY_ACCESS_PASS: Strength.PASS,
            MethodKind.FIDO2: Strength.PHISHING_RESISTANT,
            MethodKind.PASSWORD: Strength.SINGLE_FACTOR,
            # Whoever runs a command on the machine could as well sign in as the person, with whatever is strongest.
            MethodKind.OPERATOR: Strength.PHISHING_RESISTANT,
        }[self]

    @property
    def amr(self) -> list[str]:
        """Return the authentication method references (RFC 8176; ``tap`` is ours, carried beside ``mfa``: criterion B05)."""
        return {
            MethodKind.TEMPORARY_ACCESS_PASS: ["tap", "mfa"],
            MethodKind.FIDO2: ["hwk", "user", "mfa"],
            MethodKind.PASSWORD: ["pwd"],
            MethodKind.OPERATOR: ["operator"],
        }[self]

    @property
    def acr(self) -> str:
        """Return the authentication context class of tokens; ``phr`` is OpenID's word for phishing-resistant (B05)."""
        return {
            MethodKind.TEMPORARY_ACCESS_PASS: "pass",
            MethodKind.FIDO2: "phr",
            MethodKind.PASSWORD: "single-factor",
            MethodKind.OPERATOR: "operator",
        }[self]


class Campaign(TextChoices):
    """What reaches people by lists, as a method does, and is none."""

    REGISTRATION = "RegistrationCampaign", _("Registration campaign")


Targeted: TypeAlias = MethodKind | Campaign


class Interrupt(TextChoices):
    """What a person must do before his session opens any other page (docs/decisions/0065)."""

    NONE = "", ""
    REGISTRATION = "registration", _("Add a sign-in method")
    NEW_PASSWORD = "new_password", _("Choose a new password")


class TargetSide(TextChoices):
    """Which list of a method policy a target stands in."""

    INCLUDE = "include", _("Include")
    EXCLUDE = "exclude", _("Exclude")


class SessionEnd(TextChoices):
    """Why a sign-in session is over."""

    SIGNED_OUT = "signed_out", _("You signed out.")
    SIGNED_IN_AGAIN = "signed_in_again", _("You signed in again.")
    PASS_ENDED = "pass_ended", _("You're signed out because your Temporary Access Pass ended.")
    PASS_DELETED = "pass_deleted", _("You're signed out because your Temporary Access Pass was deleted.")
    PASS_REPLACED = (
        "pass_replaced",
        _("You're signed out because your Temporary Access Pass was replaced by a new one."),
    )
    METHOD_REMOVED = "method_removed", _("You're signed out because the method you signed in with was removed.")
    PASSWORD_CHANGED = "password_changed", _("You're signed out because your password was changed.")
    REVOKED = "revoked", _("You're signed out because your sessions were ended.")
    USER_DISABLED = "user_disabled", _("You're signed out. Ask your administrator.")
    USER_DELETED = "user_deleted", _("You're signed out. Ask your administrator.")
    TOO_LONG = "too_long", _("You're signed out because you signed in too long ago.")
    IDLE = "idle", _("You're signed out because you did nothing for a while.")

    @property
    def is_own_doing(self) -> bool:
        """True where its person left, or signed in anew: nobody else ended it, and what he ordered in it goes on."""
        return self in (SessionEnd.SIGNED_OUT, SessionEnd.SIGNED_IN_AGAIN)
