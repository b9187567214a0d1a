from django.urls import path

from tap import views

app_name = "tap"
POLICY = "center/authentication-methods/policies/temporary-access-pass/"

urlpatterns = [
    path("center/passes/", views.passes, name="passes"),
    path(POLICY, views.policy_target, name="policy_target"),
    path(f"{POLICY}configure/", views.policy_configure, name="policy_configure"),
]
