def test_try(world, api):
    grace = api(world.grace)
    for path in ("/users?$top=3", "/users/tapuser@contoso.com", "/me", "/nothing", "/users/$count", "/users/vera_fabrikam.com%23EXT%23%40contoso.com?$select=userPrincipalName,identities", "/users?$filter=startswith(displayName,'M') or startswith(userPrincipalName,'u')&$top=2", "/users?$filter=bogus zz 1", '/users?$search="displayName:a"&$count=true'):
        r = grace.get(path); print(path, r.status_code, r.content.decode()[:700], r.headers.get("Content-Type"))
    r = grace.post(f"/users/{world.tapuser.id}/authentication/temporaryAccessPassMethods", {}); print(r.status_code, r.content, dict(r.headers))
    r = grace.get(f"/users/{world.tapuser.id}/authentication/temporaryAccessPassMethods"); print(r.status_code, r.content)
    r = grace.post(f"/users/{world.grace.id}/authentication/temporaryAccessPassMethods", {}); print(r.status_code, r.content)
    r = grace.post(f"/Users/{world.tapuser.id}/Authentication/temporaryaccesspassmethods/", {"lifetimeInMinutes":9}); print(r.status_code, r.content)
    r = grace.post(f"/me/authentication/temporaryaccesspassmethods/", b"x"); print(r.status_code, r.content)
    r = grace("PUT","/users", {}); print(r.status_code, r.content, r.headers)
    from django.test import Client
    r = Client().get("/graph/v1.0/users"); print(r.status_code, r.content, r.headers)
