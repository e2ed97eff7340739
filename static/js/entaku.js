/* Refinements only: every page works without this file. */

/** Bring the summary of errors into focus, so that it is read first. */
function focusErrors() {
  document.querySelector("[data-error-summary]")?.focus();
}

/** A form is sent once: further presses of its button do nothing until the page changes. */
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
}

/** Warn before leaving a form with typed text that was not sent. */
function watchTyping(form) {
  let typed = false;
  form.addEventListener("input", () => (typed = true));
  form.addEventListener("submit", () => (typed = false));
  window.addEventListener("beforeunload", (event) => {
    if (typed) event.preventDefault();
  });
}

/** Typing is presence too: say so every ten minutes while it goes on, so that a long text can still be sent. */
function tellPresence(form) {
  const address = document.body.dataset.present;
  let told = Date.now();
  form.addEventListener("input", () => {
    if (!address || Date.now() - told < 600_000) return;
    told = Date.now();
    fetch(address, { redirect: "manual" }).catch(() => {});
  });
}

/** Send a form with a file by XMLHttpRequest, which knows how far it is; a failure leaves all that was typed. */
class Upload {
  constructor(form) {
    this.form = form;
    this.box = form.querySelector("[data-upload-progress]");
    this.state = this.box.querySelector("[data-upload-state]");
    this.bar = this.box.querySelector("progress");
    this.buttons = form.querySelectorAll("[type=submit]");
    form.addEventListener("submit", (event) => this.start(event));
    this.box.querySelector("[data-upload-cancel]").addEventListener("click", () => this.request?.abort());
  }

  get hasFile() {
    return [...this.form.querySelectorAll("[type=file]")].some((input) => input.files.length > 0);
  }

  start(event) {
    if (event.defaultPrevented || !this.hasFile) return;
    event.preventDefault();
    const request = new XMLHttpRequest();
    this.request = request;
    request.open("POST", this.form.action);
    request.setRequestHeader("Accept", "text/html");
    request.setRequestHeader("Prefer", "return=minimal"); // a redirect would be followed here, and its message lost
    request.upload.addEventListener("progress", (progress) => this.show(progress));
    request.addEventListener("load", () => this.arrive());
    request.addEventListener("error", () => this.fail(this.form.dataset.failed));
    request.addEventListener("abort", () => this.fail(this.form.dataset.stopped));
    this.busy(true);
    this.state.textContent = this.state.dataset.sending;
    request.send(new FormData(this.form, event.submitter));
  }

  busy(yes) {
    if (yes) this.box.hidden = false;
    this.bar.hidden = !yes;
    this.box.querySelector("[data-upload-cancel]").hidden = !yes;
    for (const button of this.buttons) button.disabled = yes;
  }

  show({ loaded, total, lengthComputable }) {
    if (!lengthComputable) return;
    const percent = Math.floor((100 * loaded) / total);
    this.bar.value = percent;
    const state = loaded < total ? this.state.dataset.sending : this.state.dataset.finishing;
    const words = percent % 10 === 0 || loaded === total ? `${state} (${percent}%)` : this.state.textContent;
    if (this.state.textContent !== words) this.state.textContent = words;
  }

  arrive() {
    const { status, responseURL, responseText } = this.request;
    if (status === 0 || status >= 500 || status === 413) {
      this.fail(this.form.dataset.failed);
      return;
    }
    if (status === 201) {
      location.assign(this.request.getResponseHeader("Location"));
      return;
    }
    const page = new DOMParser().parseFromString(responseText, "text/html");
    const answered = page.querySelector("form[data-upload]:has([data-error-summary])");
    if (answered) this.replaceBy(answered);
    else if (status < 400) location.assign(responseURL);
    else this.fail(page.querySelector("h1")?.textContent.trim() || this.form.dataset.failed);
  }

  /** The server sent the form back with errors: show its words, but keep the chosen files in their fields. */
  replaceBy(answered) {
    for (const place of answered.querySelectorAll("[type=file]")) {
      const chosen = this.form.querySelector(`[type=file][name="${CSS.escape(place.name)}"]`);
      if (!chosen) continue;
      for (const name of ["aria-invalid", "aria-describedby"]) {
        if (place.hasAttribute(name)) chosen.setAttribute(name, place.getAttribute(name));
        else chosen.removeAttribute(name);
      }
      place.replaceWith(chosen);
    }
    const form = document.adoptNode(answered);
    this.form.replaceWith(form);
    new Upload(form);
    focusErrors();
  }

  fail(words) {
    this.busy(false);
    delete this.form.dataset.sent;
    this.box.hidden = false;
    this.state.textContent = words;
    this.bar.value = 0;
  }
}

/** Ask every 20 seconds, while the page is looked at, whether something new has come; then say so. */
function watch(box) {
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(box.dataset.poll, { headers: { Accept: "text/plain" }, redirect: "error" });
      if (answer.ok && (await answer.text()).trim() !== box.dataset.token) {
        box.hidden = false;
        clearInterval(timer);
      }
      if (answer.status === 404) clearInterval(timer); // no longer for this reader: each try would be a denial in the log
    } catch {
      /* Out of reach for the moment: ask again next time. */
    }
  };
  const timer = setInterval(ask, 20_000);
}

focusErrors();
for (const form of document.querySelectorAll("form[data-upload]")) new Upload(form);
for (const form of document.querySelectorAll("form:has(textarea)")) {
  watchTyping(form);
  tellPresence(form);
}
for (const box of document.querySelectorAll("[data-poll]")) watch(box);
document.addEventListener("submit", sendOnce);
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
