/* Passkeys: asks the browser for a credential and sends it with the form. Loaded where a form has `data-passkey`. */

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
};

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const withBytes = (descriptors = []) => descriptors.map((each) => ({ ...each, id: bytes(each.id) }));

/** The server's request, with its base64url text as the bytes the browser wants. */
function toCreate({ publicKey }) {
  const selection = { ...publicKey.authenticatorSelection, residentKey: "required", requireResidentKey: true };
  return {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    user: { ...publicKey.user, id: bytes(publicKey.user.id) },
    excludeCredentials: withBytes(publicKey.excludeCredentials),
    authenticatorSelection: { ...selection, userVerification: "required" },
    extensions: { ...publicKey.extensions, prf: {} }, // so that it may open an officer's key, too (desk-key.js)
  };
}

function toGet({ publicKey }) {
  return {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    allowCredentials: withBytes(publicKey.allowCredentials),
  };
}

/** The browser's answer as JSON. */
function answer(credential) {
  const { response } = credential;
  const made = { clientDataJSON: text(response.clientDataJSON) };
  for (const part of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[part]) made[part] = text(response[part]);
  }
  if (response.getTransports) made.transports = response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? null,
    response: made,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function options(form) {
  if (!form.dataset.passkeyOptions) {
    return JSON.parse(form.querySelector("script[type='application/json']").textContent);
  }
  const reply = await fetch(form.dataset.passkeyOptions, { headers: { Accept: "application/json" } });
  if (!reply.ok) throw new Error(`options: ${reply.status}`);
  return reply.json();
}

async function ask(form) {
  const asked = await options(form);
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: toCreate(asked.creation_options) })
      : await navigator.credentials.get({ publicKey: toGet(asked.request_options) });
  form.elements.credential.value = answer(credential);
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const state = form.querySelector("[data-passkey-state]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    state.textContent = "";
    if (!window.PublicKeyCredential) {
      state.textContent = form.dataset.unsupported;
      return;
    }
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      await ask(form);
    } catch {
      state.textContent = form.dataset.failed;
      button.disabled = false;
    }
  });
}
