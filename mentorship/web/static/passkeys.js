// Passkeys. A form with data-passkey names where it is asked what the device has to sign; the
// answer goes into the form, which is sent as any other. Without this file it stays hidden, and
// data-no-passkeys says why.
const can = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);
const RENEWED = 4 * 60 * 1000; // a challenge lives for five minutes

const WORDS = {
  NotAllowedError: "Nothing was done. Press the button to try again, or sign in by mail.",
  InvalidStateError: "This device has a passkey for Curbside already.",
};
const OTHERWISE = "Your device could not do that. Try again in a moment.";

let waiting = null; // what the email field waits for, which ends when a button is pressed

async function ask(form) {
  const answer = await fetch(form.dataset.passkey, { headers: { Accept: "application/json" } });
  // Redirected means: to signing in, or to proving once more who you are.
  if (answer.redirected) location.reload();
  if (!answer.ok || answer.redirected) throw new Error(`asked in vain: ${answer.status}`);
  return answer.json();
}

async function sign(form, more = {}) {
  const asked = await ask(form);
  const credential = "make" in form.dataset
    ? await navigator.credentials.create({
      publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked), ...more })
    : await navigator.credentials.get({
      publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked), ...more });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
  HTMLFormElement.prototype.submit.call(form);
}

async function offerInField(form) {
  waiting?.abort();
  const mine = waiting = new AbortController();
  try {
    await sign(form, { mediation: "conditional", signal: mine.signal });
  } catch { /* nobody chose one: the button is still there */ }
}

function prepare(form) {
  form.hidden = false;
  const said = form.querySelector("[data-said]");
  const button = form.querySelector("button");
  form.addEventListener("submit", async (e) => {
    e.preventDefault();
    waiting?.abort();
    said.textContent = "";
    button.disabled = true;
    try {
      await sign(form);
    } catch (error) {
      said.textContent = WORDS[error.name] ?? OTHERWISE;
      button.disabled = false;
    }
  });
}

if (can) {
  document.querySelector("[data-no-passkeys]")?.remove();
  for (const form of document.querySelectorAll("form[data-passkey]")) prepare(form);
  const field = document.querySelector("form[data-autofill]");
  if (field && await PublicKeyCredential.isConditionalMediationAvailable?.()) {
    const renew = () => { if (document.visibilityState === "visible") offerInField(field); };
    renew();
    setInterval(renew, RENEWED);
    // Another tab may have been given the newest challenge meanwhile.
    document.addEventListener("visibilitychange", renew);
  }
}
