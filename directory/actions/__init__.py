"""Changing the directory. Above ``tap``, because what happens to people ends their passes (docs/decisions/0026)."""

from directory.actions.domains import add_domain, make_default, remove_domain, verify_domain
from directory.actions.erasing import erase_deleted
from directory.actions.groups import add_member, create_group, delete_group, remove_member, update_group
from directory.actions.imports import (
    choose,
    choose_all,
    discard_import,
    forget_imports,
    note_export,
    start_import,
    upload,
)
from directory.actions.roles import assign_role, remove_role
from directory.actions.tenants import configure_tenant, create_tenant, found_tenant
from directory.actions.users import create_user, delete_user, restore_user, set_enabled, set_preferences, update_user

__all__ = [
    "add_domain",
    "add_member",
    "assign_role",
    "choose",
    "choose_all",
    "configure_tenant",
    "create_group",
    "create_tenant",
    "create_user",
    "delete_group",
    "delete_user",
    "discard_import",
    "erase_deleted",
    "forget_imports",
    "found_tenant",
    "make_default",
    "note_export",
    "remove_domain",
    "remove_member",
    "remove_role",
    "restore_user",
    "set_enabled",
    "set_preferences",
    "start_import",
    "update_group",
    "update_user",
    "upload",
    "verify_domain",
]
