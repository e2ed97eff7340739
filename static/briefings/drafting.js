/* Refinements of a draft's page: it saves itself, and shows how the text will look. Both work by buttons without. */

const QUIET_BEFORE_SAVING = 10_000;
const LONGEST_UNSAVED = 60_000; // for whoever types on without a pause
const QUIET_BEFORE_PREVIEW = 900;
const LONGEST_ANSWER = 20_000; // a button waits for a save under way: one that hangs is given up

class Drafting {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-drafting-status]");
    this.seen = form.elements.seen;
    this.preview = document.querySelector("[data-drafting-preview]");
    this.typed = 0; // counts what was typed, so that a save knows whether something came after it
    this.since = null; // when the first of what is not saved yet was typed
    form.addEventListener("input", () => this.wait());
    form.addEventListener("submit", (event) => this.submit(event));
    this.tellOf(form.dataset.waiting);
  }

  /** Said once: a screen reader speaks whatever changes here. */
  tellOf(words) {
    if (this.status.textContent !== words) this.status.textContent = words;
  }

  wait() {
    this.typed += 1;
    this.since ??= Date.now();
    if (!this.stopped) this.tellOf(this.form.dataset.waiting); // what was saved before is no longer all of it
    clearTimeout(this.toShow);
    this.toShow = setTimeout(() => this.show(), QUIET_BEFORE_PREVIEW);
    this.saveSoon();
  }

  saveSoon() {
    clearTimeout(this.toSave);
    if (this.stopped) return;
    const left = this.since === null ? QUIET_BEFORE_SAVING : this.since + LONGEST_UNSAVED - Date.now();
    this.toSave = setTimeout(() => this.save(), Math.max(0, Math.min(QUIET_BEFORE_SAVING, left)));
  }

  post(address, headers) {
    const signal = AbortSignal.timeout(LONGEST_ANSWER);
    return fetch(address, { method: "POST", body: new FormData(this.form), headers, redirect: "error", signal });
  }

  /** One at a time: two would overtake each other. */
  async save() {
    if (this.saving) return;
    const at = this.typed;
    let reached = false;
    this.saving = true;
    this.since = null;
    try {
      const answer = await this.post(this.form.dataset.save, { Accept: "application/json" });
      reached = answer.status < 500;
      await this.tell(answer, at);
    } catch {
      this.tellOf(this.form.dataset.failed);
    }
    this.saving = false;
    if (this.then) this.then();
    else if (this.typed !== at || !reached) this.saveSoon();
  }

  async tell(answer, at) {
    const sent = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : null;
    this.tellOf(sent && this.typed !== at && answer.ok ? this.form.dataset.waiting : (sent?.told ?? this.form.dataset.failed));
    if (answer.status === 409) this.stopped = true; // a person has to look at both texts first
    if (answer.status === 403 && !this.renewed) await this.renew();
    if (!answer.ok || !sent) return;
    this.renewed = false;
    this.seen.value = sent.revision;
    if (this.typed === at) this.form.dispatchEvent(new Event("submit")); // nothing is left to warn of on leaving
  }

  /** Signed in anew on another page, one's forms need the token of that sign-in: what is typed here stays. */
  async renew() {
    const answer = await fetch(this.form.action, { redirect: "error", signal: AbortSignal.timeout(LONGEST_ANSWER) });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[data-drafting] [name=csrfmiddlewaretoken]");
    if (!token) return;
    this.renewed = true; // once: a token that is not taken either is no matter of the sign-in
    this.form.elements.csrfmiddlewaretoken.value = token.value;
    this.toSave = setTimeout(() => this.save());
  }

  /** A button pressed while the page saves itself waits for that: otherwise it would be overtaken by it. */
  submit(event) {
    if (!event.isTrusted) return;
    clearTimeout(this.toSave);
    if (!this.saving) return;
    event.preventDefault();
    const pressed = event.submitter;
    this.then = () => {
      this.then = null;
      this.form.requestSubmit(pressed);
    };
  }

  async show() {
    try {
      const answer = await this.post(this.form.dataset.preview, { "HX-Request": "true" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.preview.querySelector("[data-drafting-rendered]").replaceChildren(...page.body.childNodes);
    } catch {
      /* Out of reach for the moment: what was typed is shown next time. */
    }
  }
}

for (const form of document.querySelectorAll("form[data-drafting]")) new Drafting(form);
