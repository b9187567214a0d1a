from django.urls import include, path

from oidc.views import authorize, credentials, device, discovery, logout, permissions, registrations, token

CENTER = "center/app-registrations"
ONE = f"{CENTER}/<uuid:application_id>"

oidc = (
    [
        path(f"{CENTER}/", registrations.registrations, name="registrations"),
        path(f"{CENTER}/new/", registrations.new_registration, name="new_registration"),
        path(f"{ONE}/", registrations.registration, name="registration"),
        path(f"{ONE}/addresses/", registrations.registration_addresses, name="registration_addresses"),
        path(f"{ONE}/disable/", registrations.disable_registration, name="disable_registration"),
        path(f"{ONE}/delete/", registrations.delete_registration, name="delete_registration"),
        path(f"{ONE}/secrets/", credentials.registration_secrets, name="registration_secrets"),
        path(f"{ONE}/secrets/new/", credentials.new_secret, name="new_secret"),
        path(f"{ONE}/secrets/<uuid:secret_id>/delete/", credentials.delete_secret, name="delete_secret"),
        path(f"{ONE}/permissions/", permissions.registration_permissions, name="registration_permissions"),
        path(f"{ONE}/permissions/new/", permissions.add_permission, name="add_permission"),
        path(f"{ONE}/permissions/give/", permissions.give_consent, name="give_consent"),
        path(f"{ONE}/permissions/withdraw/", permissions.withdraw_consents, name="withdraw_consents"),
        path(f"{ONE}/permissions/<int:permission_id>/remove/", permissions.remove_permission, name="remove_permission"),
        path("<str:tenant>/v2.0/.well-known/openid-configuration", discovery.configuration, name="configuration"),
        path("<str:tenant>/.well-known/openid-configuration", discovery.configuration),
        path("<str:tenant>/discovery/v2.0/keys", discovery.key_set, name="keys"),
        path("<str:tenant>/discovery/keys", discovery.key_set),
        path("common/discovery/instance", discovery.instance, name="instance"),
        path("<str:tenant>/oauth2/v2.0/authorize", authorize.authorize, name="authorize"),
        path("<str:tenant>/oauth2/v2.0/consent", authorize.consent, name="consent"),
        path("<str:tenant>/oauth2/v2.0/token", token.token, name="token"),
        path("<str:tenant>/oauth2/v2.0/devicecode", token.device_code, name="device_code"),
        path("<str:tenant>/oauth2/v2.0/revoke", token.revoke, name="revoke"),
        path("<str:tenant>/oauth2/v2.0/logout", logout.logout, name="logout"),
        path("<str:tenant>/oauth2/authorize", authorize.authorize),
        path("<str:tenant>/oauth2/token", token.token_v1, name="token_v1"),
        path("<str:tenant>/oauth2/devicecode", token.device_code_v1, name="device_code_v1"),
        path("<str:tenant>/oauth2/deviceauth", device.device),
        path("devicelogin", device.device, name="device"),
        path("devicelogin/answer", device.device_answer, name="device_answer"),
        path("oidc/userinfo", token.user_info, name="user_info"),
    ],
    "oidc",
)

urlpatterns = [path("", include(oidc))]
