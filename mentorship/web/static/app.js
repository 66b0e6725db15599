// Progressive enhancement. Every page works without this file.
const $$ = (sel, root = document) => root.querySelectorAll(sel);

// Theme: the server reads the same cookie, so there is no flash on the next load.
const themes = ["", "light", "dark"];
const names = { "": "match device", light: "light", dark: "dark" };
const chosen = () => document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1] ?? "";
function wear(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const el of $$("[data-theme-label]")) el.textContent = names[theme];
}
wear(chosen());

addEventListener("click", (e) => {
  if (e.target.closest("[data-theme-next]")) {
    const theme = themes[(themes.indexOf(chosen()) + 1) % themes.length];
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax${secure}`;
    wear(theme);
  }
  const close = e.target.closest("[data-dismiss]");
  if (close) {
    close.closest(close.dataset.dismiss)?.remove();
    document.getElementById("main")?.focus({ preventScroll: true });
  }
  // Dialogs: the link goes to a full page without this script, so no browser is left out.
  const opener = e.target.closest("a[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog && !e.ctrlKey && !e.metaKey) { e.preventDefault(); dialog.showModal(); }
});

// Viewer-local times: only shown when the viewer's clock differs from the one printed.
function localTimes() {
  for (const t of $$("time[data-local]")) {
    const printed = t.dateTime.match(/([+-])(\d\d):(\d\d)$/);
    if (!printed || t.nextElementSibling?.matches(".local")) continue;
    const date = new Date(t.dateTime);
    const minutes = Number(`${printed[1]}1`) * (Number(printed[2]) * 60 + Number(printed[3]));
    if (-date.getTimezoneOffset() === minutes) continue;
    const el = document.createElement("span");
    el.className = "local muted";
    const local = { weekday: "short", hour: "numeric", minute: "2-digit", timeZoneName: "short" };
    el.textContent = ` (${date.toLocaleTimeString("en-US", local)} on this device)`;
    t.after(el);
  }
}

// Slot picker: say the choice back and make the button specific.
addEventListener("change", (e) => {
  const { form, dataset } = e.target;
  if (!form || !dataset.say) return;
  const said = form.querySelector("output[name=chosen]");
  if (said) said.value = dataset.say;
  const button = form.querySelector("[data-commit]");
  if (button) button.textContent = button.dataset.commit.replace("%", dataset.short);
});

// Long lists of check boxes: show those that hold the typed words, and every ticked one.
addEventListener("input", (e) => {
  const list = document.getElementById(e.target.dataset.filter);
  if (!list) return;
  const wanted = e.target.value.trim().toLowerCase();
  let shown = 0;
  for (const label of $$("label", list)) {
    const fits = label.textContent.toLowerCase().includes(wanted);
    label.hidden = !fits && !label.querySelector("input").checked;
    if (fits) shown += 1;
  }
  const count = list.parentElement.querySelector("output");
  if (count) count.value = wanted ? `${shown} fit` : "";
});

// A file that is too large is said before it is sent, and what else was typed stays.
addEventListener("change", (e) => {
  const { files, dataset, id } = e.target;
  if (!dataset.most || ![...files].some((file) => file.size > Number(dataset.most))) return;
  e.target.value = "";
  const hint = document.getElementById(`${id}-h`);
  hint.role = "alert";
  hint.textContent = dataset.tooLarge;
});

// Focus: to the error summary on load; after an htmx swap to what the server marked, or to what
// was swapped if the focus went with the old. A form that is for adding one thing after another
// is empty again once that worked.
document.querySelector(".errors")?.focus();
document.addEventListener("htmx:after:swap", (e) => {
  const { response, sourceElement, target } = e.detail.ctx;
  const failed = response?.status >= 400;
  if (!failed && sourceElement?.matches("form[data-clear]")) sourceElement.reset();
  const el = document.querySelector(failed ? ".errors, [data-focus]" : "[data-focus]");
  if (el) { el.removeAttribute("data-focus"); el.focus(); }
  else if (document.activeElement === document.body) target?.focus?.({ preventScroll: true });
  localTimes();
});

// Text that saves itself: what waited for the save before it leaves with what that one brought
// back, and a save that did not arrive is said beside the field.
document.addEventListener("htmx:before:request", (e) => {
  const { body, form } = e.detail.ctx.request;
  for (const field of form ? $$("[data-fresh]", form) : []) body?.set(field.name, field.value);
});
function notSaved(field) {
  const said = document.getElementById(field.dataset?.status);
  if (said) said.textContent = "Not saved. Your text is still here. Try again in a moment.";
}
document.addEventListener("htmx:error", (e) => notSaved(e.target));
document.addEventListener("htmx:after:request", (e) => {
  const { raw } = e.detail.ctx.response;
  // Redirected means: to signing in.
  if (raw.redirected || raw.status >= 400) notSaved(e.target);
});

// What was written and not saved is kept on the device (meeting.js) until somebody signs out.
addEventListener("submit", (e) => {
  if (!e.target.matches("form[action='/sign-out']")) return;
  for (const store of [localStorage, sessionStorage]) {
    for (const key of Object.keys(store)) if (key.startsWith("draft:")) store.removeItem(key);
  }
});

// Warn before leaving half-written text.
let unsaved = false;
addEventListener("input", (e) => { if (e.target.form?.matches("[data-guard]")) unsaved = true; });
addEventListener("submit", () => { unsaved = false; });
document.addEventListener("htmx:after:request", (e) => {
  const raw = e.detail.ctx?.response?.raw;
  if (e.target.closest?.("[data-guard]") && raw?.ok && !raw.redirected) unsaved = false;
});
addEventListener("beforeunload", (e) => { if (unsaved) e.preventDefault(); });

localTimes();
