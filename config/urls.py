from django.urls import URLPattern, URLResolver, include, path

from config import metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("metrics", metrics.show, name="metrics"),
    path("", include("core.urls")),
    path("", include("signin.urls")),
    path("", include("accounts.urls")),
    path("", include("directory.urls")),
    path("", include("tap.urls")),
    path("", include("authmethods.urls")),
    path("", include("bulk.urls")),
    path("", include("notices.urls")),
    path("", include("graph.urls")),
    path("", include("oidc.urls")),
    path("", include("support.urls")),
]

handler400 = "core.views.bad_request"
handler403 = "core.views.permission_denied"
handler404 = "core.views.page_not_found"
handler500 = "core.views.server_error"
