from django.urls import path

from directory import views

app_name = "directory"
urlpatterns = [
    path("mysecurityinfo/language/", views.preferences, name="preferences"),
    path("center/users/new/", views.new_user, name="new_user"),
    path("center/users/export/", views.export_users, name="export_users"),
    path("center/users/import/", views.import_users, name="import_users"),
    path("center/users/import/<uuid:import_id>/", views.import_page, name="import"),
    path("center/users/import/<uuid:import_id>/start/", views.start_import, name="start_import"),
    path("center/users/import/<uuid:import_id>/choose/", views.choose_rows, name="choose_rows"),
    path("center/users/import/<uuid:import_id>/refused.csv", views.import_refused, name="import_refused"),
    path("center/users/import/<uuid:import_id>/discard/", views.discard_import, name="discard_import"),
    path("center/users/import/<uuid:import_id>/progress/", views.import_progress, name="import_progress"),
    path("center/users/deleted/", views.deleted_users, name="deleted_users"),
    path("center/users/deleted/<uuid:deleted_id>/restore/", views.restore_user, name="restore_user"),
    path("center/users/<uuid:user_id>/edit/", views.edit_user, name="edit_user"),
    path("center/users/<uuid:user_id>/disable/", views.disable_user, name="disable_user"),
    path("center/users/<uuid:user_id>/enable/", views.enable_user, name="enable_user"),
    path("center/users/<uuid:user_id>/delete/", views.delete_user, name="delete_user"),
    path("center/groups/new/", views.new_group, name="new_group"),
    path("center/groups/<uuid:group_id>/edit/", views.edit_group, name="edit_group"),
    path("center/groups/<uuid:group_id>/delete/", views.delete_group, name="delete_group"),
    path("center/groups/<uuid:group_id>/members/add/", views.add_member, name="add_member"),
    path(
        "center/groups/<uuid:group_id>/members/<slug:kind>/<uuid:principal_id>/remove/",
        views.remove_member,
        name="remove_member",
    ),
    path("center/roles/<uuid:role_id>/assign/", views.assign_role, name="assign_role"),
    path("center/roles/<uuid:role_id>/<slug:kind>/<uuid:principal_id>/remove/", views.remove_role, name="remove_role"),
    path("center/settings/", views.settings, name="settings"),
    path("center/settings/domains/add/", views.add_domain, name="add_domain"),
    path("center/settings/domains/<str:domain>/default/", views.default_domain, name="default_domain"),
    path("center/settings/domains/<str:domain>/remove/", views.remove_domain, name="remove_domain"),
]
