// The offline page: a code comes in, its verdict is shown; lists are renewed when there is a network.
//
// Nothing of a card is kept, sent, or put into an address.

import { verify } from "./card-verifier/index.js";
import { alone, forget, opened } from "./keeping.js";
import { fromFiles, refresh } from "./refreshing.js";
import { canScan, scan } from "./scan.js";
import { at, hush, momentOf, notice, show, showLists, word } from "./telling.js";
import { mistyped } from "./wedge.js";

const EVERY = 3_600_000, TICK = 60_000;
let lists = null, dayIsToday = true;

const now = () => Math.floor(Date.now() / 1000);
const today = () => new Date().toLocaleDateString("sv-SE");

async function ask() {
  if (dayIsToday) at("date").value = today();
  const code = at("code").value.trim();
  if (!code || !at("ask").reportValidity()) return;
  if (!lists?.trust) return notice(word("no-trust"));
  const asked = { on: at("date").value, domain: at("domain").value || null, now: now() };
  const verdict = await verify(lists, code, asked);
  show(verdict, asked, lists, asked.now, verdict.step === "well-formed" ? mistyped(code) : "");
  at("code").value = "";
  at("code").focus({ preventScroll: true });
}

async function camera() {
  at("video").scrollIntoView({ block: "nearest" });
  const code = await scan(at("video"));
  notice(...(code ? [] : [word("no-camera-now")]));
  if (!code) return;
  at("code").value = code;
  await ask();
}

/** Take lists in by `way`, and say what came of it; verifying goes on meanwhile. */
async function renew(way, nothing) {
  try {
    const { lists: newer, told } = await way();
    lists = newer;
    notice(...(told.refused ? [word(told.refused, "list")] : told.stays ? [] : [word("not-kept")]));
    at("refreshed").replaceChildren(word(told.missing ? "no-network" : nothing), ` : ${momentOf(now())}`);
  } catch (error) {
    at("refreshed").replaceChildren(word(error.step ? "no-trust" : "no-network"));
    if (error.step) notice(word(error.step, "list"));
    else if (!lists) notice(word("no-operator"));
  }
  await tell();
}

async function tell() {
  if (!lists) return;
  at("fingerprint").textContent = await lists.fingerprint();
  if (lists.trust) showLists(lists, now());
  else at("trust").replaceChildren(word("no-trust"));
}

const update = () => renew(refresh, "up-to-date");

async function beginAgain() {
  await alone(forget);
  lists = null;
  await update();
}

/** The page's own files are kept by the browser, so that it opens without a network. */
function stayOffline() {
  const policy = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: (name) => name });
  navigator.serviceWorker?.register(policy ? policy.createScriptURL("sw.js") : "sw.js").catch(() => null);
}

function onClick(id, act) {
  at(id).addEventListener("click", act);
}

function listen() {
  at("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  // The last card's verdict is gone when the next one comes.
  at("code").addEventListener("input", hush);
  at("date").addEventListener("change", () => { dayIsToday = at("date").value === today(); });
  onClick("camera", camera);
  onClick("refresh", update);
  at("files").addEventListener("change", async () => {
    await renew(() => fromFiles(at("files").files), "taken");
    at("files").value = "";
  });
  onClick("begin-again", () => at("sure").showModal());
  at("sure").addEventListener("close", () => { if (at("sure").returnValue === "yes") beginAgain(); });
  // A scanner types wherever the cursor is: with no field chosen, that is the code's.
  document.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
    const nowhere = [document.body, at("main")].includes(document.activeElement);
    if (nowhere && key.length === 1 && !ctrlKey && !metaKey && !altKey) at("code").focus();
  });
  window.addEventListener("online", update);
  setInterval(update, EVERY);
  setInterval(tell, TICK);
}

async function begin() {
  if (!globalThis.crypto?.subtle) return;
  at("stopped").hidden = true;
  at("content").hidden = false;
  at("date").value = today();
  listen();
  at("code").focus();
  stayOffline();
  const reads = await canScan().catch(() => false);
  at("camera").hidden = !reads;
  at("no-camera").hidden = reads;
  lists = await opened().catch(() => null);
  await tell();
  await update();
}

begin();
