// Copy buttons: data-copy names the element, data-copy-text is the text itself.

const SHOWN_MS = 2000;
const live = document.createElement("div");
live.className = "sr";
live.setAttribute("role", "status");
(document.querySelector(".panel, .dialog") ?? document.body).append(live);

const source = (button) => document.getElementById(button.dataset.copy);

function select(element) {
  if (!element) return;
  const range = document.createRange();
  range.selectNodeContents(element);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
}

for (const button of document.querySelectorAll("[data-copy], [data-copy-text]")) {
  const label = button.querySelector("span");
  const usual = label.textContent;
  let timer = 0;
  button.addEventListener("click", async () => {
    clearTimeout(timer);
    live.textContent = "";
    try {
      await navigator.clipboard.writeText(button.dataset.copyText ?? source(button).textContent);
      if (button.dataset.copy) document.documentElement.dataset.kept = "true";
      label.textContent = button.dataset.copied;
      live.textContent = button.dataset.announce;
      timer = setTimeout(() => { label.textContent = usual; }, SHOWN_MS);
    } catch {
      select(source(button));
      label.textContent = usual;
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
  });
}
