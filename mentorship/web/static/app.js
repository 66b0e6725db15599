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

// Focus: to the error summary on load, and to what the server marked after an htmx swap.
document.querySelector(".errors")?.focus();
document.addEventListener("htmx:after:swap", () => {
  const el = document.querySelector("[data-focus]");
  if (el) { el.removeAttribute("data-focus"); el.focus(); }
  localTimes();
});

// Warn before leaving half-written text.
let unsaved = false;
addEventListener("input", (e) => { if (e.target.form?.matches("[data-guard]")) unsaved = true; });
addEventListener("submit", () => { unsaved = false; });
document.addEventListener("htmx:after:request", (e) => {
  if (e.target.closest?.("[data-guard]") && e.detail.ctx?.response?.raw?.ok) unsaved = false;
});
addEventListener("beforeunload", (e) => { if (unsaved) e.preventDefault(); });

localTimes();
