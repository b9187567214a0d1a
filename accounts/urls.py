from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("center/users/", views.users, name="users"),
    path("center/users/<uuid:user_id>/", views.user, name="user"),
    path("center/users/<uuid:user_id>/groups/", views.user_groups, name="user_groups"),
    path("center/users/<uuid:user_id>/sessions/end/", views.end_sessions, name="end_sessions"),
    path("center/users/<uuid:user_id>/sessions/<uuid:session_id>/end/", views.end_session, name="end_session"),
    path("center/users/<uuid:user_id>/activity/", views.user_activity, name="user_activity"),
    path("center/groups/", views.groups, name="groups"),
    path("center/groups/<uuid:group_id>/", views.group, name="group"),
    path("center/roles/", views.roles, name="roles"),
    path("center/roles/<uuid:role_id>/", views.role, name="role"),
    path("center/audit/", views.audit, name="audit"),
    path("center/audit/export.csv", views.audit_csv, name="audit_csv"),
    path("center/audit/<int:event_id>/", views.audit_event, name="audit_event"),
    path("center/sign-ins/", views.sign_ins, name="sign_ins"),
    path("center/sign-ins/export.csv", views.sign_ins_csv, name="sign_ins_csv"),
    path("center/sign-ins/<int:event_id>/", views.sign_in, name="sign_in"),
    path("center/principals/", views.principals, name="principals"),
]
