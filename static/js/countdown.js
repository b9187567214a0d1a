// Keeps «9 minutes» current each minute; says it aloud at five minutes and at one only.

const MINUTE_MS = 60_000;
const SPOKEN = new Set([5, 1]);
const plural = new Intl.PluralRules(document.documentElement.lang || "en");

function attach(element, live) {
  const until = Date.parse(element.dataset.countdownUntil);
  let shown = null;
  function tick() {
    const left = Math.max(0, Math.ceil((until - Date.now()) / MINUTE_MS));
    const words = (element.dataset[plural.select(left)] ?? element.dataset.other).replace("{n}", String(left));
    if (left !== shown) {
      element.textContent = words;
      if (shown !== null && SPOKEN.has(left)) live.textContent = element.dataset.say.replace("{left}", words);
      shown = left;
    }
    if (left > 0) setTimeout(tick, ((until - Date.now()) % MINUTE_MS) + 50);
  }
  tick();
}

const clocks = document.querySelectorAll("[data-countdown-until]");
if (clocks.length) {
  const live = document.createElement("div");
  live.className = "sr";
  live.setAttribute("role", "status");
  document.body.append(live);
  clocks.forEach((element) => attach(element, live));
}
