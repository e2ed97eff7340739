/* Refinements of a draft's page: it saves itself, and shows how the text will look. Both work by buttons without. */

const QUIET_BEFORE_SAVING = 10_000;
const QUIET_BEFORE_PREVIEW = 900;

class Drafting {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-drafting-status]");
    this.seen = form.elements.seen;
    this.preview = document.querySelector("[data-drafting-preview]");
    this.typed = 0; // counts what was typed, so that a save knows whether something came after it
    form.addEventListener("input", () => this.wait());
    form.addEventListener("submit", (event) => this.submit(event));
    this.status.textContent = form.dataset.waiting;
  }

  wait() {
    this.typed += 1;
    clearTimeout(this.toSave);
    clearTimeout(this.toShow);
    if (!this.stopped) this.toSave = setTimeout(() => this.save(), QUIET_BEFORE_SAVING);
    this.toShow = setTimeout(() => this.show(), QUIET_BEFORE_PREVIEW);
  }

  post(address, headers) {
    return fetch(address, { method: "POST", body: new FormData(this.form), headers, redirect: "error" });
  }

  /** One at a time: two would overtake each other. */
  async save() {
    if (this.saving) return;
    const at = this.typed;
    this.saving = true;
    try {
      const answer = await this.post(this.form.dataset.save, { Accept: "application/json" });
      await this.tell(answer, at);
    } catch {
      this.status.textContent = this.form.dataset.failed;
    }
    this.saving = false;
    if (this.then) this.then();
    else if (this.typed !== at && !this.stopped) this.toSave = setTimeout(() => this.save(), QUIET_BEFORE_SAVING);
  }

  async tell(answer, at) {
    const sent = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : null;
    this.status.textContent = sent ? sent.told : this.form.dataset.failed;
    if (answer.status === 409) this.stopped = true; // a person has to look at both texts first
    if (!answer.ok || !sent) return;
    this.seen.value = sent.revision;
    if (this.typed === at) this.form.dispatchEvent(new Event("submit")); // nothing is left to warn of on leaving
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
      this.preview.hidden = false;
    } catch {
      /* Out of reach for the moment: what was typed is shown next time. */
    }
  }
}

for (const form of document.querySelectorAll("form[data-drafting]")) new Drafting(form);
