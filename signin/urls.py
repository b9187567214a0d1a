from django.urls import include, path

from signin import views

signin = (
    [
        path("signin/", views.identify, name="identify"),
        path("signin/pass/", views.tap, name="tap"),
        path("signin/password/", views.password, name="password"),
        path("signin/passkey/", views.passkey, name="passkey"),
        path("signin/passkey/options/", views.passkey_options, name="passkey_options"),
        path("signin/passkey/finish/", views.passkey_finish, name="passkey_finish"),
        path("signin/options/", views.options, name="options"),
        path("signin/confirm/", views.confirm, name="confirm"),
        path("signin/more/", views.interrupt, name="interrupt"),
        path("signin/new-password/", views.new_password, name="new_password"),
        path("signin/out/", views.out, name="out"),
        path("signin/signed-out/", views.signed_out, name="signed_out"),
        path("tap/", views.tap_link, name="tap_link"),
    ],
    "signin",
)

urlpatterns = [
    path("", views.home, name="home"),
    path("", include(signin)),
]
