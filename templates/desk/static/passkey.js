// Makes passkeys and signs with them. A form with data-passkey asks the desk what is to be signed,
// gives it to the browser, and sends the answer like any other form.
"use strict";
(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  // Browsers before 2025 cannot read or write the JSON form of WebAuthn by themselves.
  function parsed(kind, json) {
    const api = window.PublicKeyCredential;
    if (kind === "create") {
      if (api.parseCreationOptionsFromJSON) return api.parseCreationOptionsFromJSON(json);
      const user = { ...json.user, id: bytes(json.user.id) };
      const excludeCredentials = described(json.excludeCredentials);
      return { ...json, user, challenge: bytes(json.challenge), excludeCredentials };
    }
    if (api.parseRequestOptionsFromJSON) return api.parseRequestOptionsFromJSON(json);
    return {
      ...json, challenge: bytes(json.challenge), allowCredentials: described(json.allowCredentials),
    };
  }
  function written(credential) {
    if (credential.toJSON) return JSON.stringify(credential.toJSON());
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
      if (credential.response[name]) response[name] = text(credential.response[name]);
    if (credential.response.getTransports) response.transports = credential.response.getTransports();
    return JSON.stringify({ id: credential.id, rawId: credential.id, type: credential.type, response });
  }

  // Gives the signed answer as text. `values` are sent along with the question.
  async function ask(kind, address, values = {}) {
    const answer = await fetch(address, {
      method: "POST", body: new URLSearchParams(values),
      headers: { "X-Emag-Script": "1", Accept: "application/json" },
    });
    const isOptions = (answer.headers.get("Content-Type") || "").startsWith("application/json");
    if (answer.redirected && !isOptions) { location.href = answer.url; return null; }
    if (!answer.ok || !isOptions) throw new Error(String(answer.status));
    const publicKey = parsed(kind, await answer.json());
    return written(await navigator.credentials[kind]({ publicKey }));
  }

  const prepared = new WeakSet(); // a refreshed page keeps its forms, but hides them again
  function prepare(form) {
    if (!window.PublicKeyCredential || !navigator.credentials) return;
    form.hidden = false;
    if (prepared.has(form)) return;
    prepared.add(form);
    form.addEventListener("submit", async (event) => {
      if (form.dataset.signed) return;
      event.preventDefault();
      event.stopPropagation();
      const failure = form.querySelector("[data-failure]"), button = form.querySelector("button");
      failure.hidden = true;
      button.setAttribute("aria-disabled", "true");
      try {
        const values = Object.fromEntries(new FormData(form));
        const credential = await ask(form.dataset.passkey, form.dataset.options, values);
        if (credential === null) return;
        form.elements.credential.value = credential;
        form.dataset.signed = "1";
        form.submit();
      } catch {
        failure.hidden = false;
      } finally {
        button.removeAttribute("aria-disabled");
      }
    });
  }
  const prepareAll = () => document.querySelectorAll("form[data-passkey]").forEach(prepare);
  document.addEventListener("DOMContentLoaded", prepareAll);
  // Back from the organisation: the button presses itself.
  document.addEventListener("DOMContentLoaded", () => document.querySelector("form[data-go]")?.submit());
  document.addEventListener("htmx:after:swap", prepareAll);
  window.emagPasskey = { ask };
})();
