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
