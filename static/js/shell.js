// On every page: where the focus starts, "/" for the search, printing, secrets while typing, panels, copying, countdowns.

const all = (selector) => document.querySelectorAll(selector);
const box = document.querySelector(".panel, .dialog");
let voice = null;

// What a screen reader is told without the focus going anywhere. Under a panel everything is inert: it stands inside.
function say(words) {
  if (!voice) {
    voice = document.createElement("div");
    voice.className = "sr";
    voice.setAttribute("role", "status");
    (box ?? document.body).append(voice);
  }
  voice.textContent = words;
}

// It has to be there before it says something.
if (document.querySelector("[data-copy], [data-copy-text], [data-countdown-until]")) say("");

document.querySelector("[data-focus-on-load]")?.focus();

// "/" goes to the search; the account menu turns it off.
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

for (const button of all("[data-print]")) {
  button.addEventListener("click", () => {
    document.documentElement.dataset.kept = "true";
    window.print();
  });
}

for (const tick of all("[data-reveal]")) {
  const secrets = tick.dataset.reveal.split(" ").map((id) => document.getElementById(id));
  const show = () => secrets.forEach((secret) => { secret.type = tick.checked ? "text" : "password"; });
  tick.addEventListener("change", show);
  secrets[0].form?.addEventListener("submit", () => secrets.forEach((secret) => { secret.type = "password"; }));
  show();
}

// Panels and dialogs are pages of their own; closing one follows its close link. Escape and a click beside it do the same.
const link = box?.querySelector("[data-close]");

function close() {
  const question = box.dataset.confirmClose;
  if (question && !document.documentElement.dataset.kept && !window.confirm(question)) return;
  link.click();
}

if (link) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector(":popover-open")) return;
    close();
  });
  document.querySelector("[data-close-on-click]")?.addEventListener("click", close);
  if (!box.contains(document.activeElement) && !box.querySelector("[autofocus]")) {
    const first = box.querySelector("[data-focus-on-load], input:not([type=hidden], :disabled), select, textarea, button:not(:disabled)");
    (first ?? box.querySelector("h1")).focus();
  }
}

// Copy buttons: data-copy names the element, data-copy-text is the text itself.
const SHOWN_MS = 2000;
const source = (button) => document.getElementById(button.dataset.copy);

function select(element) {
  if (element) getSelection().selectAllChildren(element);
}

function failed(button) {
  let note = button.parentElement.querySelector("[data-copy-note]");
  if (!note) {
    note = document.createElement("p");
    note.className = "error";
    note.dataset.copyNote = "";
    note.setAttribute("role", "alert");
    button.parentElement.append(note);
  }
  note.textContent = button.dataset.copyFailed;
}

for (const button of all("[data-copy], [data-copy-text]")) {
  const label = button.querySelector("span");
  const usual = label.textContent;
  let timer = 0;
  button.addEventListener("click", async () => {
    clearTimeout(timer);
    say("");
    try {
      await navigator.clipboard.writeText(button.dataset.copyText ?? source(button).textContent);
      if (button.dataset.copy) document.documentElement.dataset.kept = "true";
      label.textContent = button.dataset.copied;
      say(button.dataset.announce);
      timer = setTimeout(() => { label.textContent = usual; }, SHOWN_MS);
    } catch {
      select(source(button));
      label.textContent = usual;
      failed(button);
    }
  });
}

// Keeps «7 hours 30 minutes» current each minute, as core/wording.py says it; says it aloud at five minutes and at one only.
const MINUTE_MS = 60_000;
const HOUR = 60;
const DAY = 24 * HOUR;
const SPOKEN = new Set([5, 1]);
const language = document.documentElement.lang || "en";
const count = (amount, unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(amount);

function remaining(minutes) {
  const hours = minutes >= 2 * DAY ? Math.ceil(minutes / HOUR) : Math.floor(minutes / HOUR);
  const parts = minutes >= 2 * DAY
    ? [[Math.floor(hours / 24), "day"], [hours % 24, "hour"]]
    : [[hours, "hour"], [minutes % HOUR, "minute"]];
  const said = parts.filter(([amount]) => amount > 0).map(([amount, unit]) => count(amount, unit));
  return said.length ? said.join(" ") : count(0, "minute");
}

for (const element of all("[data-countdown-until]")) {
  const until = Date.parse(element.dataset.countdownUntil);
  let shown = null;
  const tick = () => {
    const left = Math.max(0, Math.ceil((until - Date.now()) / MINUTE_MS));
    const words = remaining(left);
    if (left !== shown) {
      element.textContent = words;
      if (shown !== null && SPOKEN.has(left)) say(element.dataset.say.replace("{left}", words));
      shown = left;
    }
    if (left > 0) setTimeout(tick, ((until - Date.now()) % MINUTE_MS) + 50);
  };
  tick();
}
