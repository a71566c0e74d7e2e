/** Only in a served page: asks its server now and then whether there is a newer page, and shows that one. */

const ASK_EVERY = 2000; // milliseconds

/** The address keeps its hash, so that the newer page shows what this one showed. */
async function askForNewer() {
  try {
    const own = document.querySelector('meta[name="mdsbench-token"]').content;
    const answer = await fetch("/changed", { cache: "no-store" });
    const newest = answer.ok ? (await answer.text()).trim() : own;
    if (newest !== own) {
      window.location.reload();
      return;
    }
  } catch {
    // the server has ended, or will be back
  }
  window.setTimeout(askForNewer, ASK_EVERY);
}

window.setTimeout(askForNewer, ASK_EVERY);
