// Panels and dialogs are pages of their own; closing one follows its close link. Escape and a click beside it do the same.

const box = document.querySelector(".panel, .dialog");
const link = box?.querySelector("[data-close]");

function close() {
  const question = box.dataset.confirmClose;
  if (question && !document.documentElement.dataset.kept && !window.confirm(question)) return;
  link.click();
}

if (box && link) {
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
