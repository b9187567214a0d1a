// How far a batch is, asked every two seconds; the page is loaded anew when it is over.

const EVERY_MS = 2000;
const bar = document.querySelector("[data-progress-url]");

async function ask() {
  try {
    const answer = await fetch(bar.dataset.progressUrl, { headers: { Accept: "application/json" } });
    if (answer.redirected || (answer.status >= 400 && answer.status < 500)) return location.reload(); // signed out, or gone
    if (answer.ok) {
      const at = await answer.json();
      bar.max = Math.max(1, at.total);
      bar.value = at.done;
      document.getElementById(bar.dataset.text).textContent = at.text;
      if (at.is_over) return location.reload();
    }
  } catch {
    // The server restarts, or the network is away: the next question may find it.
  }
  setTimeout(ask, EVERY_MS);
}

if (bar) setTimeout(ask, EVERY_MS);
