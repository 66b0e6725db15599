// The meeting page: notes that are not lost, and an agenda that is put in order by dragging.
// Everything here is done without this file too, by buttons.
const $$ = (sel, root = document) => root.querySelectorAll(sel);

// Notes. While somebody writes, their words are kept on this device until the server has them: so a
// lost network, a sign-in that has ended or a closed lid costs nothing. Shared notes are kept until
// they are saved; private notes, and all of wellness mentoring, only as long as this tab is open.
// Signing out forgets them (app.js). Who opens the page as somebody else forgets them, too.
const KEPT = 14 * 24 * 3600 * 1000; // as long as a sign-in lasts
const drafts = [...$$("form[data-draft]")].map((form) => ({
  form,
  field: form.querySelector("textarea"),
  key: `draft:${form.dataset.draft}`,
  store: "lasting" in form.dataset ? localStorage : sessionStorage,
}));
const clock = (at) => new Date(at).toLocaleTimeString("en-US", { hour: "numeric", minute: "2-digit" });
const version = (form) => form.querySelector("[name=version]");

function say(draft, words, bad = false) {
  const said = document.getElementById(draft.field.dataset.status);
  if (!said) return;
  said.classList.toggle("err", bad);
  said.textContent = words;
}
function keep(draft) {
  const facts = { words: draft.field.value, version: version(draft.form)?.value, at: Date.now() };
  // Where the device keeps nothing, the words are still in the field.
  try { draft.store.setItem(draft.key, JSON.stringify(facts)); return true; } catch { return false; }
}
function kept(draft) {
  try { return JSON.parse(draft.store.getItem(draft.key)); } catch { return null; }
}
function notSaved(draft, why) {
  const here = keep(draft) ? "Your words are kept on this device." : "Your words are still here.";
  say(draft, `Not saved: ${why}. ${here}`, true);
}
function forgetOthers() {
  const me = drafts[0]?.key.split(":", 2).join(":");
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store).filter((one) => one.startsWith("draft:"))) {
      const at = JSON.parse(store.getItem(key) ?? "{}")?.at ?? 0;
      if (!key.startsWith(`${me}:`) || Date.now() - at > KEPT) store.removeItem(key);
    }
  }
}
function offer(draft) {
  const found = kept(draft);
  if (!found || found.words.trim() === draft.field.value.trim()) return draft.store.removeItem(draft.key);
  const note = document.createElement("div");
  note.className = "note note-warn";
  note.setAttribute("role", "status");
  note.innerHTML = `<div><p></p><div class="btns mt2">
    <button class="btn btn-s" type="button" data-back>Put them back</button>
    <button class="btn btn-s btn-quiet" type="button" data-forget>Forget them</button></div></div>`;
  note.querySelector("p").textContent =
    `You wrote something here at ${clock(found.at)} that was not saved. It is kept on this device.`;
  note.addEventListener("click", (e) => {
    const back = e.target.closest("[data-back]");
    if (!back && !e.target.closest("[data-forget]")) return;
    note.remove();
    if (back) {
      draft.field.value = found.words;
      // On top of what was seen then: if it has changed since, both texts are shown.
      if (version(draft.form)) version(draft.form).value = found.version;
      draft.field.dispatchEvent(new Event("change", { bubbles: true }));
    } else draft.store.removeItem(draft.key);
    draft.field.focus();
  });
  draft.form.prepend(note);
}

try { forgetOthers(); } catch { /* a device that keeps nothing has nothing to forget */ }
for (const draft of drafts) {
  offer(draft);
  draft.field.addEventListener("input", () => { keep(draft); });
  draft.form.addEventListener("submit", (e) => {
    keep(draft);
    if (navigator.onLine) return;
    e.preventDefault();
    notSaved(draft, "no network");
  });
}
const of = (field) => drafts.find((draft) => draft.field === field);
document.addEventListener("htmx:before:request", (e) => {
  const draft = of(e.target);
  if (!draft) return;
  draft.sent = draft.field.value;
  say(draft, "Saving…");
});
document.addEventListener("htmx:after:request", (e) => {
  const draft = of(e.target);
  if (!draft) return;
  const { raw } = e.detail.ctx.response;
  if (raw.ok && !raw.redirected) {
    if (draft.sent === draft.field.value) draft.store.removeItem(draft.key);
  } else if ([409, 422].includes(raw.status)) keep(draft); // the answer says why
  // A page whose sign-in has ended is redirected, or is not known to be ours any more.
  else if (raw.redirected || raw.status === 400) notSaved(draft, "your sign-in has ended. Sign in again in another tab, then reload this page");
  else notSaved(draft, "something went wrong. Try again in a moment");
});
document.addEventListener("htmx:error", (e) => { const d = of(e.target); if (d) notSaved(d, "no network"); });
addEventListener("online", () => {
  for (const draft of drafts) {
    if (kept(draft)?.words === draft.field.value) draft.field.dispatchEvent(new Event("change", { bubbles: true }));
  }
});

// The agenda. A grip beside each item, for mouse, pen and finger; the arrows beside it do the same
// by keyboard. Where an item is let go, the form of its arrows says before which one.
const grip = "⠿";
function grips() {
  for (const item of $$("[data-sort] > li")) {
    if (item.querySelector(".grip")) continue;
    const el = document.createElement("span");
    el.className = "grip";
    el.textContent = grip;
    el.setAttribute("aria-hidden", "true");
    el.title = "Drag to move";
    item.append(el);
  }
}
function drag(start) {
  const handle = start.target.closest?.(".grip");
  const item = handle?.closest("li");
  if (!item || start.button > 0) return;
  start.preventDefault();
  const list = item.parentElement;
  const before = item.nextElementSibling;
  const listening = new AbortController();
  const on = (kind, act) => addEventListener(kind, act, { signal: listening.signal });
  item.classList.add("dragged");
  const end = () => { listening.abort(); item.classList.remove("dragged"); };
  const giveUp = () => { end(); list.insertBefore(item, before); };
  on("pointermove", (move) => {
    const under = [...list.children].find((one) => {
      const box = one.getBoundingClientRect();
      return one !== item && move.clientY < box.top + box.height / 2;
    });
    if (under !== item.nextElementSibling) list.insertBefore(item, under ?? null);
  });
  on("pointercancel", giveUp);
  on("keydown", (key) => { if (key.key === "Escape") giveUp(); });
  on("pointerup", () => {
    end();
    if (item.nextElementSibling !== before) put(item);
  });
}
function put(item) {
  const form = item.querySelector("[data-move]");
  for (const [name, value] of [["to", "before"], ["before", item.nextElementSibling?.dataset.item ?? ""]]) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  form.requestSubmit();
}
addEventListener("pointerdown", drag);
document.addEventListener("htmx:after:swap", grips);
grips();
