// On every page: where the focus starts, "/" for the search, the print button, showing a secret while typing.

document.querySelector("[data-focus-on-load]")?.focus();

const search = document.querySelector("[data-search-shortcut]");
const toggle = document.querySelector("[data-shortcut-toggle]");
const KEY = "search-shortcut";
const wanted = () => {
  try { return localStorage.getItem(KEY) !== "off"; } catch { return true; }
};
if (toggle) {
  toggle.checked = wanted();
  toggle.addEventListener("change", () => {
    try { localStorage.setItem(KEY, toggle.checked ? "on" : "off"); } catch { /* private window: only for this page */ }
  });
}
if (search) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    if (!wanted() || search.closest("[inert]")) return;
    event.preventDefault();
    search.focus();
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => {
    document.documentElement.dataset.kept = "true";
    window.print();
  });
}

for (const box of document.querySelectorAll("[data-reveal]")) {
  const secrets = box.dataset.reveal.split(" ").map((id) => document.getElementById(id));
  const show = () => secrets.forEach((secret) => { secret.type = box.checked ? "text" : "password"; });
  box.addEventListener("change", show);
  secrets[0].form?.addEventListener("submit", () => secrets.forEach((secret) => { secret.type = "password"; }));
  show();
}
