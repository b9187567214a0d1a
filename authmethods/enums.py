"""The words of passkeys: ceremonies, what a policy says, what is wrong with an attestation."""

from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Purpose(TextChoices):
    """What a challenge was made for; it serves nothing else (criterion D01)."""

    REGISTER = "register", "register"
    SIGN_IN = "sign_in", "sign in"
    PROVISION = "provision", "register for somebody else"


class KeyEnforcement(TextChoices):
    """What a list of models is for, by Graph's enforcementType."""

    ALLOW = "allow", _("Allow only these")
    BLOCK = "block", _("Block these")


class PasskeyBlock(TextChoices):
    """Which part of the policy stops a passkey, or its registration."""

    NONE = "", ""
    METHOD_OFF = "method_off", _("The passkey policy is off")
    EXCLUDED = "excluded", _("The policy excludes this person")
    NOT_IN_SCOPE = "not_in_scope", _("Not in a group the policy includes")
    SELF_SERVICE_OFF = "self_service_off", _("People may not set up passkeys themselves")
    MODEL_BLOCKED = "model_blocked", _("The policy blocks this model")
    MODEL_NOT_ALLOWED = "model_not_allowed", _("The policy does not allow this model")


class Ask(StrEnum):
    """Whether somebody who has just signed in is asked to add a method."""

    NOTHING = ""
    MAY_SKIP = "may_skip"
    MUST = "must"


class AttestationProblem(StrEnum):
    """Why an authenticator's proof of its model is not good."""

    MISSING = "attestation_missing"
    WITHOUT_CERTIFICATE = "attestation_without_certificate"
    MODEL_UNKNOWN = "authenticator_unknown"
    MODEL_REVOKED = "authenticator_revoked"
    CERTIFICATE_MALFORMED = "attestation_certificate_malformed"
    OTHER_MODEL = "attestation_of_other_model"
    UNTRUSTED = "attestation_untrusted"


class PolicyProblem(StrEnum):
    """What is wrong with the settings of the passkey policy."""

    NOT_AN_AAGUID = "not_an_aaguid"
    MODEL_TWICE = "model_twice"
    TOO_MANY_MODELS = "too_many_models"
    NOTHING_ALLOWED = "nothing_allowed"
    NO_SUCH_ENFORCEMENT = "no_such_enforcement"
    SNOOZE_RANGE = "snooze_range"
