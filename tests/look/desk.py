"""The pages of the support desk, as a line each (tests/look/pages.py). Sam looks; where something is done he has a role."""

from types import SimpleNamespace

from django.db.models import Model

from accounts.enums import Role
from accounts.models import Domain, MethodTarget, RoleAssignment
from notices.models import Notice
from tests.look import states
from tests.look.page import Arguments, Page, group, of
from tests.look.states import at_the_desk


def pass_of(who: str) -> Arguments:
    """Return the arguments of a page about the pass of a member of the cast."""
    return lambda world: [getattr(world, who).pk, getattr(world, f"pass_of_{who}").pk]


def newest(model: type[Model], **such: str) -> Arguments:
    """Return the arguments of a page about the newest row of a table in Contoso."""

    def found(world: SimpleNamespace) -> list[object]:
        return [model._default_manager.filter(tenant_id=world.contoso.pk, **such).latest("pk").pk]

    return found


ISSUER, GLOBAL = Role.AUTHENTICATION_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR
DESK = [
    Page("admin:index", "sam"),
    Page("admin:index", "rosa", state="not at the desk", status=403),
    # lists
    Page("admin:accounts_user_changelist", "sam", is_long=True),
    Page("admin:accounts_user_changelist", "sam", state="found", query="?q=person", is_long=True),
    Page("admin:accounts_user_changelist", "sam", state="nobody found", query="?q=xyzzy"),
    Page("admin:accounts_group_changelist", "sam"),
    Page("admin:accounts_roleassignment_changelist", "sam"),
    Page("admin:tap_temporaryaccesspass_changelist", "sam", is_long=True),
    Page("admin:authmethods_passkey_changelist", "sam", is_long=True),
    Page("admin:accounts_signinsession_changelist", "sam"),
    Page("admin:accounts_signinsession_changelist", "sam", state="found", query="?q=mia"),
    Page("admin:audit_auditevent_changelist", "sam", is_long=True),
    Page("admin:audit_auditevent_changelist", "sam", state="found", query="?q=mia", is_long=True),
    Page("admin:tap_tappolicy_changelist", "sam"),
    Page("admin:authmethods_passkeypolicy_changelist", "sam"),
    Page("admin:authmethods_registrationcampaign_changelist", "sam"),
    Page("admin:accounts_methodtarget_changelist", "sam"),
    Page("admin:oidc_application_changelist", "sam"),
    Page("admin:notices_notice_changelist", "sam"),
    Page("admin:notices_notice_changelist", "sam", state="nobody found", query="?q=xyzzy"),
    Page("admin:django_tasks_database_dbtaskresult_changelist", "sam"),
    Page("admin:accounts_tenant_changelist", "sam"),
    Page("admin:accounts_domain_changelist", "sam"),
    # one row
    Page("admin:accounts_user_change", "sam", of("mia")),
    Page("admin:accounts_user_change", "sam", of("unbroken"), state="long name"),
    Page("admin:accounts_user_change", "sam", of("vera_external"), state="external guest"),
    Page("admin:accounts_user_change", "sam", of("zed"), state="of another organisation", status=404),
    Page("admin:accounts_user_change", "sam", of("mia"), state="with a role", by=at_the_desk(GLOBAL)),
    Page("admin:accounts_user_sessions", "sam", of("mia")),
    Page("admin:accounts_user_sessions", "sam", of("gil"), state="none"),
    Page("admin:accounts_user_groups", "sam", of("tapuser")),
    Page("admin:accounts_user_history", "sam", of("mia")),
    Page("admin:accounts_user_history", "sam", of("gil"), state="none"),
    Page("admin:accounts_user_why", "sam", of("mia")),
    Page("admin:accounts_user_why", "sam", of("fred"), state="locked", by=at_the_desk(ISSUER)),
    Page("admin:accounts_user_why", "sam", of("breakglass"), state="not in scope"),
    Page("admin:accounts_user_why", "sam", of("vera_external"), state="external guest"),
    Page("admin:accounts_group_change", "sam", group("New hires")),
    Page("admin:accounts_group_change", "sam", group("Everyone new"), state="nested"),
    Page("admin:accounts_roleassignment_change", "sam", newest(RoleAssignment)),
    Page("admin:tap_temporaryaccesspass_change", "sam", lambda world: [world.pass_of_mia.pk]),
    Page("admin:authmethods_passkey_change", "sam", lambda world: [world.passkey.pk]),
    Page("admin:accounts_signinsession_change", "sam", of("session_of_mia")),
    Page("admin:audit_auditevent_change", "sam", of("event")),
    Page("admin:accounts_methodtarget_change", "sam", newest(MethodTarget)),
    Page("admin:oidc_application_change", "sam", of("application")),
    Page("admin:notices_notice_change", "sam", newest(Notice, outcome="sent")),
    Page("admin:notices_notice_change", "sam", newest(Notice, outcome=""), state="waiting"),
    Page("admin:django_tasks_database_dbtaskresult_change", "sam", lambda world: [world.tasks[0].pk]),
    Page(
        "admin:django_tasks_database_dbtaskresult_change", "sam", lambda world: [world.tasks[-1].pk], state="given up"
    ),
    Page("admin:accounts_domain_change", "sam", newest(Domain)),
    # the few writes
    Page("admin:accounts_user_issue", "sam", of("gil"), by=at_the_desk(ISSUER)),
    Page("admin:accounts_user_issue", "sam", of("mia"), state="replaces", by=at_the_desk(ISSUER)),
    Page("admin:accounts_user_issue", "sam", of("vera_external"), state="external guest", by=at_the_desk(ISSUER)),
    Page(
        "admin:accounts_user_issue",
        "sam",
        of("gil"),
        state="mistakes",
        by=at_the_desk(ISSUER, states.mistakes_in_a_pass),
    ),
    Page("admin:accounts_user_issue", "sam", of("gil"), state="created", by=at_the_desk(ISSUER, states.pass_created)),
    Page(
        "admin:accounts_user_issue",
        "sam",
        of("gil"),
        state="shown once",
        by=at_the_desk(ISSUER, states.pass_shown),
        status=409,
    ),
    Page("admin:accounts_user_issue", "sam", of("gil"), state="no role", status=403),
    Page("admin:accounts_user_delete_pass", "sam", pass_of("mia"), by=at_the_desk(ISSUER)),
    Page("admin:accounts_user_end_sessions", "sam", of("mia"), by=at_the_desk(ISSUER)),
    Page("admin:accounts_user_disable", "sam", of("mia"), by=at_the_desk(GLOBAL)),
    Page("admin:accounts_user_enable", "sam", lambda world: [world.crowd[2].pk], by=at_the_desk(GLOBAL)),
]
