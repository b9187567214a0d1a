"""The lists of the support desk, in the order of its navigation."""

from django_tasks_db.models import DBTaskResult

from accounts.models import Domain, Group, MethodTarget, RoleAssignment, SignInSession, Tenant, User
from audit.models import AuditEvent
from authmethods.models import Passkey, PasskeyPolicy, RegistrationCampaign
from notices.models import Notice
from oidc.models import Application
from support.registers.directory import DomainRegister, GroupRegister, RoleRegister, TenantRegister
from support.registers.events import EventRegister
from support.registers.methods import PasskeyRegister, PassRegister, SessionRegister
from support.registers.people import PersonRegister
from support.registers.policies import CampaignRegister, PasskeyPolicyRegister, TapPolicyRegister, TargetRegister
from support.registers.programs import ApplicationRegister
from support.registers.running import NoticeRegister, TaskRegister
from support.site import site
from tap.models import TapPolicy, TemporaryAccessPass

__all__ = ["site"]

for model, register in (
    (User, PersonRegister),
    (Group, GroupRegister),
    (RoleAssignment, RoleRegister),
    (TemporaryAccessPass, PassRegister),
    (Passkey, PasskeyRegister),
    (SignInSession, SessionRegister),
    (AuditEvent, EventRegister),
    (Notice, NoticeRegister),
    (DBTaskResult, TaskRegister),
    (TapPolicy, TapPolicyRegister),
    (PasskeyPolicy, PasskeyPolicyRegister),
    (RegistrationCampaign, CampaignRegister),
    (MethodTarget, TargetRegister),
    (Tenant, TenantRegister),
    (Domain, DomainRegister),
    (Application, ApplicationRegister),
):
    site.register(model, register)
