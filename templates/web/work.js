// A small sum before signing up (ALTCHA's protocol 1): it costs a person nothing, and a program that
// fills in forms by the thousand a great deal.
(() => {
  const form = document.querySelector("form[data-challenge]");
  const field = form.elements.altcha, told = document.getElementById("work");
  const AT_ONCE = 500, text = new TextEncoder();
  const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
  const hash = (salt, n) => crypto.subtle.digest("SHA-256", text.encode(salt + n)).then(hex);

  async function solve({ algorithm, challenge, maxnumber, salt, signature }) {
    for (let start = 0; start <= maxnumber; start += AT_ONCE) {
      const some = Array.from({ length: AT_ONCE }, (_, i) => hash(salt, start + i));
      const found = (await Promise.all(some)).indexOf(challenge);
      if (found >= 0) return btoa(JSON.stringify({ algorithm, challenge, number: start + found, salt, signature }));
    }
    throw new Error("no solution");
  }

  let wanted = null;
  const work = () => (wanted ??= fetch(form.dataset.challenge).then((a) => a.json()).then(solve));
  // Begun with the first touch of the form: done, as a rule, before the address is typed.
  form.addEventListener("focusin", () => work().catch(() => (wanted = null)), { once: true });
  form.addEventListener("submit", async (event) => {
    if (field.value) return;
    event.preventDefault();
    told.textContent = form.dataset.working;
    try {
      field.value = await work();
      // Later, since a form that is still being submitted does not hear it.
      setTimeout(() => form.requestSubmit(event.submitter));
    } catch {
      wanted = null;
      told.textContent = form.dataset.failed;
    }
  });
})();
