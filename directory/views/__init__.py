"""The pages that change the directory, each drawn over the page it belongs to."""

from directory.views.groups import add_member, delete_group, edit_group, new_group, remove_member
from directory.views.imports import (
    choose_rows,
    discard_import,
    export_users,
    import_page,
    import_progress,
    import_refused,
    import_users,
    start_import,
)
from directory.views.organisation import add_domain, default_domain, remove_domain, settings
from directory.views.preferences import preferences
from directory.views.roles import assign_role, remove_role
from directory.views.users import (
    delete_user,
    deleted_users,
    disable_user,
    edit_user,
    enable_user,
    new_user,
    restore_user,
)

__all__ = [
    "add_domain",
    "add_member",
    "assign_role",
    "choose_rows",
    "default_domain",
    "delete_group",
    "delete_user",
    "deleted_users",
    "disable_user",
    "discard_import",
    "edit_group",
    "edit_user",
    "enable_user",
    "export_users",
    "import_page",
    "import_progress",
    "import_refused",
    "import_users",
    "new_group",
    "new_user",
    "preferences",
    "remove_domain",
    "remove_member",
    "remove_role",
    "restore_user",
    "settings",
    "start_import",
]
