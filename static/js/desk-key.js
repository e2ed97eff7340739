/* Asks a passkey for the secret that opens an officer's key (WebAuthn's PRF extension) and sends it with the form.
   Without script, or where the browser does not know the extension, the form stays hidden and the passphrase remains. */

const bytes = (text) => {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
};

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const fromHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

/** Whether the browser may know the extension: those that cannot say are asked. */
async function mayKnow() {
  if (!window.PublicKeyCredential) return false;
  const capabilities = await window.PublicKeyCredential.getClientCapabilities?.();
  return capabilities?.["extension:prf"] !== false;
}

async function ask({ rp, salt, credentials }) {
  const credential = await navigator.credentials.get({
    publicKey: {
      // What the passkey signs is not looked at: the secret it gives opens the key, or it does not.
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      rpId: rp,
      allowCredentials: credentials.split(" ").map((id) => ({ type: "public-key", id: bytes(id) })),
      userVerification: "required",
      extensions: { prf: { eval: { first: fromHex(salt) } } },
    },
  });
  return { id: credential.id, secret: credential.getClientExtensionResults().prf?.results?.first };
}

for (const form of document.querySelectorAll("form[data-desk-key]")) {
  const state = form.querySelector("[data-state]");
  mayKnow().then((known) => {
    form.hidden = !known;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    state.textContent = "";
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      const { id, secret } = await ask(form.dataset);
      if (!secret) {
        state.textContent = form.dataset.unsupported;
        button.disabled = false;
        return;
      }
      form.elements.credential.value = id;
      form.elements.password_secret.value = text(secret);
      form.submit();
    } catch {
      state.textContent = form.dataset.failed;
      button.disabled = false;
    }
  });
}
