from django.urls import include, path

from oidc.views import authorize, device, discovery, logout, token

oidc = (
    [
        path("<str:tenant>/v2.0/.well-known/openid-configuration", discovery.configuration, name="configuration"),
        path("<str:tenant>/.well-known/openid-configuration", discovery.configuration),
        path("<str:tenant>/discovery/v2.0/keys", discovery.key_set, name="keys"),
        path("<str:tenant>/discovery/keys", discovery.key_set),
        path("common/discovery/instance", discovery.instance, name="instance"),
        path("<str:tenant>/oauth2/v2.0/authorize", authorize.authorize, name="authorize"),
        path("<str:tenant>/oauth2/v2.0/consent", authorize.consent, name="consent"),
        path("<str:tenant>/oauth2/v2.0/token", token.token, name="token"),
        path("<str:tenant>/oauth2/v2.0/devicecode", token.device_code, name="device_code"),
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
