from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("center/users/", views.users, name="users"),
    path("center/users/<uuid:user_id>/", views.user, name="user"),
    path("center/users/<uuid:user_id>/groups/", views.user_groups, name="user_groups"),
    path("center/users/<uuid:user_id>/sessions/end/", views.end_sessions, name="end_sessions"),
    path("center/users/<uuid:user_id>/sessions/<uuid:session_id>/end/", views.end_session, name="end_session"),
    path("center/groups/", views.groups, name="groups"),
    path("center/groups/<uuid:group_id>/", views.group, name="group"),
    path("center/roles/", views.roles, name="roles"),
    path("center/roles/<uuid:role_id>/", views.role, name="role"),
    path("center/principals/", views.principals, name="principals"),
]
