// Passkeys: create one (data-passkey-create), sign in with one (data-passkey-get), or let the browser offer one while
// the user name is typed (data-passkey-autofill). All three carry data-options-url and data-finish-url.

const outcomes = document.querySelector("[data-passkey-outcomes]");
let offered = null;

class Refused extends Error {}

function show(name, text) {
  for (const bar of outcomes?.querySelectorAll("[data-outcome]") ?? []) {
    bar.hidden = bar.dataset.outcome !== name;
    if (bar.hidden) continue;
    if (text) bar.querySelector("[data-outcome-text]").textContent = text;
    bar.focus();
  }
}

async function post(url, body) {
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
  const reply = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body),
  });
  const answer = await reply.json().catch(() => ({}));
  if (!reply.ok) {
    if (answer.redirect) location.assign(answer.redirect);
    throw new Refused(answer.message ?? "");
  }
  return answer;
}

function fields(element) {
  const form = element.form ?? element.closest("form");
  if (!form) return {};
  const entries = [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
  return Object.fromEntries(entries);
}

async function finish(element, credential) {
  const answer = await post(element.dataset.finishUrl, { credential: credential.toJSON(), fields: fields(element) });
  location.assign(answer.redirect);
}

async function create(element) {
  const json = await post(element.dataset.optionsUrl, {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
  return finish(element, await navigator.credentials.create({ publicKey }));
}

async function get(element, more) {
  const json = await post(element.dataset.optionsUrl, {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
  return finish(element, await navigator.credentials.get({ publicKey, ...more }));
}

function failed(error) {
  if (error instanceof Refused) show("refused", error.message);
  else if (error.name === "InvalidStateError") show("exists");
  else if (error.name === "NotAllowedError" || error.name === "AbortError") show("cancelled");
  else if (error.name === "NotSupportedError" || error.name === "SecurityError") show("unsupported");
  else show("refused");
}

const able = typeof PublicKeyCredential === "function" && "parseCreationOptionsFromJSON" in PublicKeyCredential;

function attach(button, ceremony) {
  button.addEventListener("click", async (event) => {
    event.preventDefault();
    if (!able) {
      show("unsupported");
      return;
    }
    offered?.abort();
    button.disabled = true;
    show(null);
    try {
      await ceremony(button);
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
    }
  });
}

document.querySelectorAll("[data-passkey-create]").forEach((button) => attach(button, create));
document.querySelectorAll("[data-passkey-get]").forEach((button) => attach(button, get));

// Tells the browser which passkeys still work and what the account is called, so that its list stays true.
// <div hidden data-signal="allAcceptedCredentials" data-options="id of a JSON script"></div>
const KINDS = {
  allAcceptedCredentials: "signalAllAcceptedCredentials",
  currentUserDetails: "signalCurrentUserDetails",
  unknownCredential: "signalUnknownCredential",
};

for (const element of document.querySelectorAll("[data-signal]")) {
  const method = KINDS[element.dataset.signal];
  const options = document.getElementById(element.dataset.options);
  if (!method || !options || typeof PublicKeyCredential !== "function" || !(method in PublicKeyCredential)) continue;
  // Only a courtesy: a browser that refuses changes nothing for the person.
  PublicKeyCredential[method](JSON.parse(options.textContent)).catch(() => {});
}

const typed = document.querySelector("[data-passkey-autofill]");
if (typed && able && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
  offered = new AbortController();
  try {
    await get(typed, { mediation: "conditional", signal: offered.signal });
  } catch (error) {
    if (error instanceof Refused) show("refused", error.message);
  }
}
