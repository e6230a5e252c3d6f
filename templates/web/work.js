// Solves the proof of work before a sign-up (ALTCHA's protocol 1). One takes a person no time; a
// program that fills in thousands of forms pays for each.
(() => {
  const form = document.querySelector("form[data-challenge]");
  const field = form.elements.altcha, status = document.getElementById("work");
  const AT_ONCE = 500, text = new TextEncoder();
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
  const hash = (salt, n) => crypto.subtle.digest("SHA-256", text.encode(salt + n)).then(hex);

  async function solve({ algorithm, challenge, maxnumber, salt, signature }) {
    for (let start = 0; start <= maxnumber; start += AT_ONCE) {
      const hashes = Array.from({ length: AT_ONCE }, (_, i) => hash(salt, start + i));
      const place = (await Promise.all(hashes)).indexOf(challenge);
      if (place >= 0) return btoa(JSON.stringify({ algorithm, challenge, number: start + place, salt, signature }));
    }
    throw new Error("no solution");
  }

  let solution = null;
  const work = () => (solution ??= fetch(form.dataset.challenge).then((a) => a.json()).then(solve));
  // Starts when the form gets the focus, and usually ends before the address is typed.
  form.addEventListener("focusin", () => work().catch(() => (solution = null)), { once: true });
  form.addEventListener("submit", async (event) => {
    if (field.value) return;
    event.preventDefault();
    status.textContent = form.dataset.working;
    try {
      field.value = await work();
      // Later, because a form that is being submitted ignores it.
      setTimeout(() => form.requestSubmit(event.submitter));
    } catch {
      solution = null;
      status.textContent = form.dataset.failed;
    }
  });
})();
