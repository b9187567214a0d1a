from django.urls import path

from authmethods.views import passkeys, password, security_info, sessions

app_name = "authmethods"
urlpatterns = [
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
