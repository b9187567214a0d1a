"""``msgraph-sdk`` as it is published, over plain http on localhost: the requests it was seen to make of Graph."""

import asyncio
import gc
import warnings
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from core import clock
from graph.shapes.methods import PASSWORD_ID
from tests.graph.conftest import ALL
from tests.oidc.conftest import TokenOf

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # the SDK uses what its own base calls outdated
    from msgraph.generated.models.advanced_config_state import AdvancedConfigState
    from msgraph.generated.models.authentication_method_target import AuthenticationMethodTarget
    from msgraph.generated.models.authentication_method_target_type import AuthenticationMethodTargetType
    from msgraph.generated.models.authentication_methods_policy import AuthenticationMethodsPolicy as Policies
    from msgraph.generated.models.authentication_methods_registration_campaign import (
        AuthenticationMethodsRegistrationCampaign,
    )
    from msgraph.generated.models.o_data_errors.o_data_error import ODataError
    from msgraph.generated.models.password_authentication_method import PasswordAuthenticationMethod
    from msgraph.generated.models.registration_enforcement import RegistrationEnforcement
    from msgraph.generated.models.temporary_access_pass_authentication_method import (
        TemporaryAccessPassAuthenticationMethod,
    )
    from msgraph.generated.models.temporary_access_pass_authentication_method_configuration import (
        TemporaryAccessPassAuthenticationMethodConfiguration as TapPolicy,
    )
    from msgraph.generated.users.item.authentication.methods.item.reset_password.reset_password_post_request_body import (
        ResetPasswordPostRequestBody,
    )
    from msgraph.generated.users.users_request_builder import UsersRequestBuilder
    from msgraph.graph_request_adapter import GraphRequestAdapter
    from msgraph.graph_service_client import GraphServiceClient
    from msgraph_core.tasks.page_iterator import PageIterator  # type: ignore[import-untyped]

ReadUsers = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters


class Holding(AccessTokenProvider):
    """Holds one token."""

    def __init__(self, token: str) -> None:
        self.token = token

    async def get_authorization_token(self, *_: Any, **__: Any) -> str:
        return self.token

    def get_allowed_hosts_validator(self) -> AllowedHostsValidator:
        return AllowedHostsValidator([])


def run(url: str, token: str, steps: Callable[[GraphServiceClient], Awaitable[None]]) -> None:
    async def all_steps() -> None:
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Holding(token)))
        adapter.base_url = f"{url}/graph/v1.0"
        try:
            await steps(GraphServiceClient(request_adapter=adapter))
        finally:
            await adapter._http_client.aclose()  # the SDK leaves its connections open

    with ThreadPoolExecutor(1) as own:  # a browser test before this one has left its event loop in the tests' thread
        own.submit(lambda: asyncio.run(all_steps())).result()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # some of them it keeps for itself
        gc.collect()


async def refused(call: Awaitable[Any]) -> tuple[int | None, str | None, str]:
    """Return status, code and message of a refusal as the SDK has read it."""
    with pytest.raises(ODataError) as caught:
        await call
    error = caught.value.error
    assert error is not None
    assert error.inner_error is not None
    assert error.inner_error.request_id
    return caught.value.response_status_code, error.code, error.message or ""


@pytest.fixture
def site(live_server: LiveServer, settings: Settings, world: SimpleNamespace) -> str:
    settings.PUBLIC_URL = live_server.url
    return live_server.url


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_python_sdk_reads_the_directory(site: str, world: SimpleNamespace, token_of: TokenOf) -> None:
    """E13: pages, searches and entities come out as the SDK's own types."""

    async def steps(client: GraphServiceClient) -> None:
        chosen = ReadUsers(
            filter="accountEnabled eq true",
            select=["id", "displayName", "userPrincipalName", "userType", "accountEnabled"],
            top=2,
        )
        first = await client.users.get(RequestConfiguration(query_parameters=chosen))
        seen: list[str] = []

        def see(one: Any) -> bool:
            seen.append(one.user_principal_name)
            return True

        await PageIterator(first, client.request_adapter).iterate(see)
        assert len(seen) == len(set(seen)) == 15
        asked = RequestConfiguration(query_parameters=ReadUsers(search='"displayName:Mia"', count=True, top=1))
        asked.headers.add("ConsistencyLevel", "eventual")
        found = await client.users.get(asked)
        assert found is not None
        assert found.odata_count == 1
        mia = await client.users.by_user_id(world.mia.upn).get()
        assert mia is not None
        assert (mia.id, mia.display_name) == (str(world.mia.id), "Mia Fontaine")
        me = await client.me.get()
        assert me is not None
        assert me.user_principal_name == "grace@contoso.com"
        missing = await refused(client.users.by_user_id("nobody@contoso.com").get())
        assert missing[:2] == (404, "Request_ResourceNotFound")
        wrong = RequestConfiguration(query_parameters=ReadUsers(filter="bogus zz 1"))
        assert (await refused(client.users.get(wrong)))[:2] == (400, "BadRequest")
        members = await client.groups.by_group_id(str(world.groups["New hires"].id)).members.get()
        assert members is not None
        assert {type(one).__name__ for one in members.value or []} == {"User"}
        roles = await client.role_management.directory.role_assignments.get()
        assert roles is not None
        assert roles.value

    run(site, token_of(world.grace, ALL).text, steps)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_python_sdk_issues_passes(site: str, world: SimpleNamespace, token_of: TokenOf) -> None:
    """E13: a pass made, read, listed, replaced, deleted and refused, as the SDK's own types and errors."""
    User.objects.filter(pk=world.mia.pk).update(password="x$y", password_changed_at=clock.now())

    async def steps(client: GraphServiceClient) -> None:
        passes = client.users.by_user_id(world.mia.upn).authentication.temporary_access_pass_methods
        made = await passes.post(TemporaryAccessPassAuthenticationMethod(is_usable_once=True, lifetime_in_minutes=90))
        assert made is not None
        assert made.id is not None
        assert len(made.temporary_access_pass or "") == 8
        read = await passes.by_temporary_access_pass_authentication_method_id(made.id).get()
        assert read is not None
        assert (read.temporary_access_pass, read.method_usability_reason) == (None, "EnabledByPolicy")
        methods = await client.users.by_user_id(world.mia.upn).authentication.methods.get()
        assert methods is not None
        kinds = [type(one) for one in methods.value or []]
        assert kinds == [TemporaryAccessPassAuthenticationMethod, PasswordAuthenticationMethod]
        again = await passes.post(TemporaryAccessPassAuthenticationMethod())
        assert again is not None
        assert again.id is not None
        assert again.id != made.id
        too_short = await refused(passes.post(TemporaryAccessPassAuthenticationMethod(lifetime_in_minutes=9)))
        bounds = "Invalid LifetimeInMinutes specified. The valid range between 60 and 480."
        assert too_short == (400, "badRequest", bounds)
        for other, status in ((world.grace.upn, 403), (world.vera_external.upn, 400), ("nobody@contoso.com", 404)):
            theirs = client.users.by_user_id(other).authentication.temporary_access_pass_methods
            assert (await refused(theirs.post(TemporaryAccessPassAuthenticationMethod())))[0] == status
        await passes.by_temporary_access_pass_authentication_method_id(again.id).delete()
        left = await passes.get()
        assert left is not None
        assert left.value == []
        own = client.users.by_user_id(world.mia.upn).authentication.methods.by_authentication_method_id(PASSWORD_ID)
        reset = await own.reset_password.post(ResetPasswordPostRequestBody())
        assert reset is not None
        assert len(reset.new_password or "") == 16
        chosen = ResetPasswordPostRequestBody(new_password="chosen by an administrator")
        assert (await refused(own.reset_password.post(chosen)))[:2] == (400, "badRequest")
        keys = client.users.by_user_id(world.mia.upn).authentication.fido2_methods
        options = await keys.creation_options.get()
        assert options is not None
        assert options.public_key is not None

    run(site, token_of(world.grace, ALL).text, steps)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_python_sdk_changes_the_policy(site: str, world: SimpleNamespace, token_of: TokenOf) -> None:
    """E13: read, changed by parts and as a whole, and refused."""

    async def steps(client: GraphServiceClient) -> None:
        configurations = client.policies.authentication_methods_policy.authentication_method_configurations
        policy = configurations.by_authentication_method_configuration_id("temporaryAccessPass")
        shown: Any = await policy.get()
        assert isinstance(shown, TapPolicy)
        assert (shown.default_length, shown.is_usable_once) == (8, False)
        await policy.patch(TapPolicy(default_length=12, minimum_lifetime_in_minutes=10, default_lifetime_in_minutes=30))
        everybody = AuthenticationMethodTarget(id="all_users", target_type=AuthenticationMethodTargetType.Group)
        everybody.is_registration_required = False
        await policy.patch(TapPolicy(include_targets=[everybody]))
        assert (await refused(policy.patch(TapPolicy(default_lifetime_in_minutes=5000))))[:2] == (400, "badRequest")
        whole: Any = await policy.get()
        assert whole.default_length == 12
        await policy.patch(whole)
        both = await client.policies.authentication_methods_policy.get()
        assert both is not None
        assert {one.id for one in both.authentication_method_configurations or []} == {"Fido2", "TemporaryAccessPass"}
        campaign = AuthenticationMethodsRegistrationCampaign(snooze_duration_in_days=2)
        campaign.state = AdvancedConfigState.Enabled
        asked = RegistrationEnforcement(authentication_methods_registration_campaign=campaign)
        changed = await client.policies.authentication_methods_policy.patch(Policies(registration_enforcement=asked))
        assert changed is not None
        assert changed.registration_enforcement is not None
        running = changed.registration_enforcement.authentication_methods_registration_campaign
        assert running is not None
        assert (running.state, running.snooze_duration_in_days) == (AdvancedConfigState.Enabled, 2)
        assert [one.targeted_authentication_method for one in running.include_targets or []] == ["fido2"]
        await client.policies.authentication_methods_policy.patch(changed)

    run(site, token_of(world.grace, ALL).text, steps)
