// Finds people and groups while typing. Without it, Enter submits the search and the server draws the same list.

const LEAST = 2;
const WAIT_MS = 200;
const TONES = 6;
const SVG = "http://www.w3.org/2000/svg";

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

function avatar(name) {
  const words = name.split(/\s+/u).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.length ? words : ["?"];
  const first = [...letters[0]][0];
  const last = letters.length > 1 ? [...letters.at(-1)][0] : "";
  const tone = [...name].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % TONES;
  const circle = make("span", `avatar a${tone}`, (first + last).toUpperCase());
  circle.setAttribute("aria-hidden", "true");
  return circle;
}

function plus(sprite) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", sprite.replace(/#.*/u, "#add"));
  svg.append(use);
  return svg;
}

function row(item, data, sprite) {
  const line = make("li");
  const words = make("div");
  words.append(make("b", "", item.name), make("small", "", item.detail));
  const button = make("button", "btn");
  button.name = data.pickerName;
  button.value = data.pickerValue.replace("{type}", item.type).replace("{id}", item.id);
  if (data.pickerForm) button.setAttribute("form", data.pickerForm);
  const label = make("span", "", data.add);
  label.append(make("span", "sr", ` ${item.name}`));
  button.append(plus(sprite), label);
  line.append(avatar(item.name), words, button);
  return line;
}

function attach(field) {
  const input = field.querySelector("[data-picker-url]");
  const list = field.querySelector("[data-picker-results]");
  const status = field.querySelector("[data-picker-status]");
  const sprite = field.querySelector("use").getAttribute("href");
  const hint = status.textContent;
  let timer = 0;
  let pending = null;

  async function find() {
    clearTimeout(timer);
    pending?.abort();
    const query = input.value.trim();
    if (query.length < LEAST) {
      list.replaceChildren();
      status.textContent = hint;
      return;
    }
    pending = new AbortController();
    const url = new URL(input.dataset.pickerUrl, location.href);
    url.searchParams.set("q", query);
    try {
      const reply = await fetch(url, { headers: { Accept: "application/json" }, signal: pending.signal });
      if (!reply.ok) throw new Error(String(reply.status));
      const { results } = await reply.json();
      list.replaceChildren(...results.map((item) => row(item, input.dataset, sprite)));
      const words = { 0: input.dataset.none, 1: input.dataset.one }[results.length] ?? input.dataset.other;
      status.textContent = words.replace("{n}", () => String(results.length)).replace("{query}", () => query);
    } catch (error) {
      if (error.name === "AbortError") return;
      list.replaceChildren();
      status.textContent = input.dataset.failed;
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      find();
    } else if (event.key === "ArrowDown" && list.firstElementChild) {
      event.preventDefault();
      list.querySelector("button").focus();
    }
  });
}

document.querySelectorAll("[data-picker]").forEach(attach);
