// openid-client as it is published, led by the test through standard input: one answer a line.
import { createInterface } from "node:readline";
import * as client from "openid-client";

const [issuer, clientId, secret, redirect] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const say = (what) => console.log(JSON.stringify(what));
const hear = async () => (await lines.next()).value;
const refusalOf = async (work) => {
  try {
    await work();
    return "accepted";
  } catch (error) {
    return error.error ?? error.code ?? String(error);
  }
};

const config = await client.discovery(new URL(issuer), clientId, secret, undefined, {
  execute: [client.allowInsecureRequests],
});

const ask = async (more) => {
  const verifier = client.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier: verifier, expectedState: client.randomState(), expectedNonce: client.randomNonce(), maxAge: 600 };
  const address = client.buildAuthorizationUrl(config, {
    redirect_uri: redirect,
    scope: "openid profile offline_access User.Read",
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    max_age: "600",
    ...more,
  });
  say({ go: address.href });
  return { came: new URL(await hear()), checks };
};

const good = await ask();
const tokens = await client.authorizationCodeGrant(config, good.came, good.checks);
const who = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
say({ claims: tokens.claims(), who, refreshed: fresh.claims(), rotated: fresh.refresh_token !== tokens.refresh_token });

const refusals = {};
refusals["code again"] = await refusalOf(() => client.authorizationCodeGrant(config, good.came, good.checks));
refusals["its refresh token"] = await refusalOf(() => client.refreshTokenGrant(config, fresh.refresh_token));
const other = await ask();
refusals["other verifier"] = await refusalOf(() =>
  client.authorizationCodeGrant(config, other.came, { ...other.checks, pkceCodeVerifier: client.randomPKCECodeVerifier() }),
);
const mixed = await ask();
mixed.came.searchParams.set("iss", "https://evil.example");
refusals["other issuer"] = await refusalOf(() => client.authorizationCodeGrant(config, mixed.came, mixed.checks));
const implicit = await ask({ response_type: "id_token" });
refusals["implicit"] = await refusalOf(() => client.authorizationCodeGrant(config, implicit.came, implicit.checks));
refusals["plain password"] = await refusalOf(() =>
  client.genericGrantRequest(config, "password", { username: "mia@contoso.com", password: "x", scope: "openid" }),
);
const ended = await ask();
const given = await client.authorizationCodeGrant(config, ended.came, ended.checks);
await client.tokenRevocation(config, given.access_token);
refusals["refresh after revocation"] = await refusalOf(() => client.refreshTokenGrant(config, given.refresh_token));
say({ refusals });
process.exit(0);
