from django.urls import path

from authmethods.views import (
    campaign,
    home,
    issue,
    not_me,
    passkey_policy,
    passkeys,
    password,
    policies,
    reset,
    security_info,
    sessions,
    user_methods,
    why,
)

app_name = "authmethods"
POLICIES = "center/authentication-methods/policies/"
CAMPAIGN = "center/authentication-methods/registration-campaign/"
METHODS = "center/users/<uuid:user_id>/authentication-methods/"

urlpatterns = [
    # the admin center
    path("center/", home.home, name="home"),
    path("center/issue/", issue.issue, name="issue"),
    path("center/without-passkey/", home.without_passkey, name="without_passkey"),
    path("center/blocked-sign-ins/", home.blocked, name="blocked"),
    path(POLICIES, policies.policies, name="policies"),
    path(f"{POLICIES}passkey/", passkey_policy.target, name="passkey_policy_target"),
    path(f"{POLICIES}passkey/configure/", passkey_policy.configure, name="passkey_policy_configure"),
    path(f"{POLICIES}passkey/models/", passkey_policy.models, name="passkey_models"),
    path(CAMPAIGN, campaign.target, name="campaign_target"),
    path(f"{CAMPAIGN}configure/", campaign.configure, name="campaign_configure"),
    path(METHODS, user_methods.user_methods, name="user_methods"),
    path(f"{METHODS}why/", why.why, name="why"),
    path(f"{METHODS}add/", issue.add_method, name="add_method"),
    path(f"{METHODS}reset-password/", reset.reset_password, name="reset_password_of"),
    path(f"{METHODS}passes/<uuid:pass_id>/delete/", user_methods.delete_pass, name="delete_pass_of"),
    path(f"{METHODS}passkeys/<uuid:passkey_id>/delete/", user_methods.delete_passkey, name="delete_passkey_of"),
    path(f"{METHODS}revoke-sessions/", user_methods.revoke_sessions, name="revoke_sessions_of"),
    path(f"{METHODS}require-re-register/", user_methods.require_reregistration, name="require_reregistration"),
    # whoever got a mail
    path("not-me/", not_me.not_me, name="not_me"),
    # the person's own pages
    path("mysecurityinfo/", security_info.security_info, name="security_info"),
    path("mysecurityinfo/overview/", security_info.overview, name="overview"),
    path("mysecurityinfo/add/", security_info.add, name="add_own_method"),
    path("mysecurityinfo/pass/delete/", security_info.delete_pass, name="delete_own_pass"),
    path("mysecurityinfo/sign-out-everywhere/", security_info.sign_out_everywhere, name="sign_out_everywhere"),
    path("mysecurityinfo/passkeys/add/", passkeys.create, name="passkey_create"),
    path("mysecurityinfo/passkeys/options/", passkeys.creation_options, name="passkey_creation_options"),
    path("mysecurityinfo/passkeys/register/", passkeys.register, name="passkey_register"),
    path("mysecurityinfo/passkeys/<uuid:passkey_id>/name/", passkeys.name, name="passkey_name"),
    path("mysecurityinfo/passkeys/<uuid:passkey_id>/delete/", passkeys.delete, name="passkey_delete"),
    path("mysecurityinfo/password/", password.password, name="password"),
    path("mysecurityinfo/sessions/", sessions.sessions, name="sessions"),
    path("mysecurityinfo/sessions/<uuid:session_id>/end/", sessions.end_session, name="end_own_session"),
    path("mysecurityinfo/activity/", sessions.activity, name="activity"),
]
