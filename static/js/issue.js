// While a pass is being set up: when it will be valid, and what its start means in the other person's time zone.

const UNITS = { minutes: 1, hours: 60, days: 1440 };
const MINUTE = 60_000;
const DAY = 86_400_000;
// Day before month, as the server writes English.
const language = document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang;
const form = document.querySelector("[data-validity]").closest("form");
const validity = form.querySelector("[data-validity]");
const echo = form.querySelector("[data-echo-person]");
const began = performance.now();
const serverTime = Date.parse(validity.dataset.now);

const now = () => new Date(serverTime + performance.now() - began);
const read = (name) => form.elements.namedItem(name)?.value ?? "";

function minutes() {
  const chosen = read("duration");
  const wanted = chosen === "custom" ? Number(read("amount")) * UNITS[read("unit")] : Number(chosen);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : 0;
}

function offset(moment, zone) {
  const parts = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(moment);
  return parts.find((part) => part.type === "timeZoneName").value.replace("GMT", "UTC");
}

function offsetMinutes(moment, zone) {
  const [, sign, hours, rest] = /UTC(?:([+-])(\d\d):(\d\d))?/u.exec(offset(moment, zone));
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(rest)) : 0;
}

function chosenStart() {
  if (!form.elements.namedItem("delayed").checked) return now();
  const local = Date.parse(`${read("start")}Z`);
  if (Number.isNaN(local)) return null;
  // By the offset of the day before and by that of the day after: one moment, but where the clocks change none or two.
  const zone = read("zone");
  const offsets = [local - DAY, local + DAY].map((near) => offsetMinutes(new Date(near), zone));
  const moments = offsets.map((minutesAhead) => local - minutesAhead * MINUTE);
  const found = new Set(moments.filter((moment, index) => offsetMinutes(new Date(moment), zone) === offsets[index]));
  return found.size === 1 ? new Date([...found][0]) : null;
}

const day = (moment, zone) =>
  new Intl.DateTimeFormat(language, { timeZone: zone, dateStyle: "medium" }).format(moment);
const time = (moment, zone) =>
  new Intl.DateTimeFormat(language, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
const full = (moment, zone) => `${day(moment, zone)}, ${time(moment, zone)}`;
const fill = (words, values) => words.replace(/\{(\w+)\}/gu, (_, name) => values[name]);

function say(element, words) {
  if (element && element.textContent !== words) element.textContent = words;
}

function showValidity(start) {
  const zone = validity.dataset.zone;
  const lasts = minutes();
  if (!start || !lasts) return say(validity, "");
  const end = new Date(start.getTime() + lasts * MINUTE);
  const from = day(start, zone) === day(now(), zone) ? time(start, zone) : full(start, zone);
  const until = day(start, zone) === day(end, zone) ? time(end, zone) : full(end, zone);
  say(validity, fill(validity.dataset.validity, { start: from, end: until, offset: offset(end, zone) }));
}

function showEcho(start) {
  if (!echo) return;
  const { own, ownCity, person, personCity, echoOwn, echoPerson } = echo.dataset;
  const chosen = read("zone");
  const [words, zone, city] = chosen === person ? [echoOwn, own, ownCity] : [echoPerson, person, personCity];
  if (!start || chosen === zone) return say(echo, "");
  const other = day(start, chosen) === day(start, zone) ? time(start, zone) : full(start, zone);
  const here = chosen === person ? personCity : chosen === own ? ownCity : chosen;
  say(echo, fill(words, { there: full(start, chosen), here, other, city }));
}

function show() {
  const start = chosenStart();
  showValidity(start);
  showEcho(start);
}

form.addEventListener("input", show);
setInterval(show, MINUTE / 6);
show();
