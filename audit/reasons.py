"""Why something was refused, in plain words for those who read the log. The person at the door is told less."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from core.text import Text

REASONS: Mapping[str, Text] = {
    # a pass
    "wrong_code": _("Wrong pass"),
    "no_pass": _("The person has no pass"),
    "OneTimeUsed": _("Already used"),
    "Expired": _("Expired"),
    "Locked": _("Locked after too many wrong attempts"),
    "NotYetValid": _("Not yet valid"),
    "DisabledByPolicy": _("Disabled by policy"),
    "method_off": _("The Temporary Access Pass policy is off"),
    "not_in_scope": _("Not in a group the policy includes"),
    "excluded": _("The policy excludes this person"),
    "one_time_required": _("The policy now requires one-time use; this is a multiple-use pass"),
    "issuer_rights": _("The person became an administrator, and the issuer may not issue to administrators"),
    "user_deleted": _("The account was deleted"),
    "issuer_erased": _("The issuer was erased"),
    "restored": _("The database was restored from a backup that held it"),
    "reported_by_link": _("The person said “That was not me” by the link in a mail"),
    # a passkey
    "assertion_refused": _("The passkey's signature is not right"),
    "backup_eligibility": _("The passkey changed what it says about being copied"),
    "challenge": _("The answer came too late, or was used before"),
    "credential_id": _("The answer names another passkey"),
    "credential_id_length": _("The passkey's id is longer than allowed"),
    "cross_origin": _("Asked for by a page of another site"),
    "malformed": _("The browser's answer could not be read"),
    "other_user": _("The passkey belongs to somebody else"),
    "registration_refused": _("The new passkey did not pass its checks"),
    "sign_count": _("The passkey's counter went back: it may be a copy"),
    "unknown_credential": _("No such passkey here"),
    "user_disabled": _("The account is disabled"),
    "user_handle": _("The passkey names another account"),
    # a password
    "no_password": _("The person has no password, or the account is disabled"),
    "wrong_password": _("Wrong password"),
    "password_expired": _("The one-off password had ended"),
    # attempts
    "attempt_limit": _("Too many attempts"),
    # tokens, devices and mail
    "code_replayed": _("A code was used twice"),
    "device_code_replayed": _("A device's code was used twice"),
    "refresh_token_replayed": _("A refresh token was used twice"),
    "revoked_by_application": _("The application gave its tokens back"),
    "refused": _("The person said no"),
    "unknown_code": _("No device waits with that code"),
    "mail_server": _("The mail server took no mail for a day"),
    # passes for many
    "issuer_signed_out": _("The sign-in of the administrator who ordered it had ended"),
    "undone": _("Undone by an administrator"),
    # rights
    "not_signed_in": _("Not signed in"),
    "no_role": _("None of the roles allows it"),
    "target_is_self": _("Not to one's own account"),
    "target_is_admin": _("Target holds an administrator role"),
    "sign_in_too_weak": _("The sign-in was not strong enough"),
    "sign_in_not_fresh": _("The sign-in was too long ago"),
    "registration_window_over": _("The time to add a method was over"),
}


def plain(reason: str) -> Text:
    """Return a reason in words; one without words stands as it is."""
    return REASONS.get(reason, reason)
