// The stock JavaScript client of Microsoft Graph against our base address: node graph.mjs BASE TOKEN USER GUEST ADMIN
import { Client, PageIterator } from "@microsoft/microsoft-graph-client";

const [base, token, user, guest, self] = process.argv.slice(2);
const host = new URL(base).hostname;
const client = Client.initWithMiddleware({
  baseUrl: `${base}/graph`,
  defaultVersion: "v1.0",
  customHosts: new Set([host]),
  authProvider: { getAccessToken: async () => token },
});
const POLICY = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass";
const TYPE = "#microsoft.graph.temporaryAccessPassAuthenticationMethodConfiguration";
const passes = (of) => `/users/${encodeURIComponent(of)}/authentication/temporaryAccessPassMethods`;
const said = {};

async function refused(name, call) {
  try {
    await call();
    said[name] = "not refused";
  } catch (error) {
    said[name] = { status: error.statusCode, code: error.code, message: JSON.parse(error.body).message };
  }
}

const first = await client.api("/users").filter("accountEnabled eq true").select(["id", "displayName", "userPrincipalName", "userType"]).top(2).get();
const everybody = [];
await new PageIterator(client, first, (one) => { everybody.push(one.userPrincipalName); return true; }).iterate();
said.everybody = everybody.length;
const found = await client.api("/users").header("ConsistencyLevel", "eventual").search('"displayName:a"').count(true).get();
said.found = found["@odata.count"];
said.user = (await client.api(`/users/${user}`).get()).userPrincipalName;
await refused("nobody", () => client.api("/users/nobody@contoso.com").get());
await client.api(POLICY).patch({ "@odata.type": TYPE, state: "enabled", minimumLifetimeInMinutes: 10, maximumLifetimeInMinutes: 120, defaultLifetimeInMinutes: 30, defaultLength: 10, isUsableOnce: false });
said.policy = (await client.api(POLICY).get()).defaultLength;
await refused("policyTooLong", () => client.api(POLICY).patch({ "@odata.type": TYPE, maximumLifetimeInMinutes: 43201 }));
const made = await client.api(passes(user)).post({ isUsableOnce: true });
said.made = { length: made.temporaryAccessPass.length, reason: made.methodUsabilityReason, minutes: made.lifetimeInMinutes };
said.hidden = (await client.api(`${passes(user)}/${made.id}`).get()).temporaryAccessPass;
said.listed = (await client.api(passes(user)).get()).value.length;
said.methods = (await client.api(`/users/${user}/authentication/methods`).get()).value.map((one) => one["@odata.type"]);
const later = new Date(Date.now() + 3_600_000).toISOString();
const replaced = await client.api(passes(user)).post({ startDateTime: later, lifetimeInMinutes: 60 });
said.scheduled = replaced.methodUsabilityReason;
await refused("tooLong", () => client.api(passes(user)).post({ lifetimeInMinutes: 121 }));
await refused("wrongType", () => client.api(passes(user)).post({ lifetimeInMinutes: "soon" }));
await refused("oneself", () => client.api(passes(self)).post({}));
await refused("guest", () => client.api(passes(guest)).post({}));
said.deleted = (await client.api(`${passes(user)}/${replaced.id}`).delete()) ?? null;
const batch = await client.api("/$batch").post({ requests: [{ url: `/users/${user}`, method: "GET", id: "1" }, { url: "/users/6f604da8-ccad-49db-9193-cd3afdee10f3", method: "GET", id: "2" }] });
said.batch = Object.fromEntries(batch.responses.map((one) => [one.id, one.status]));
await client.api(POLICY).patch({ "@odata.type": TYPE, state: "enabled", minimumLifetimeInMinutes: 60, maximumLifetimeInMinutes: 480, defaultLifetimeInMinutes: 60, defaultLength: 8, isUsableOnce: false });
console.log(JSON.stringify(said));
