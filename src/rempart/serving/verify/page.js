// The offline page: a code comes in, its verdict is shown; lists are renewed when there is a network.
//
// Nothing of a card is sent, or put into an address; its code is kept with what binds its insurer, and
// nowhere else.

import { BadLine, Refused, verify } from "./card-verifier/index.js";
import { exportChain, forgetDeposited, hushMade, prepareDevice, showDevice, showMade } from "./bound.js";
import { bind } from "./chain.js";
import { alone, forget, opened } from "./keeping.js";
import { fromFiles, refresh } from "./refreshing.js";
import { canScan, scan } from "./scan.js";
import { addLine, closeSale, openSale, soldNow, suit } from "./selling.js";
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
  next();
  show(verdict, asked, lists, asked.now, verdict.step === "well-formed" ? mistyped(code) : "");
  if (verdict.finding !== "refused") openSale(code, asked.on, verdict, () => lists);
  at("code").value = "";
  at("code").focus({ preventScroll: true });
}

/** The last card's verdict and sale are gone when the next one comes. */
function next() {
  hush();
  hushMade();
  closeSale();
}

/** Sign what is shown: once, and seen only when it is kept. */
async function bindSale() {
  if (at("bind").ariaBusy === "true") return;
  at("bind").ariaBusy = "true";
  let sold = null;
  try {
    const made = await bind(async () => { sold = await soldNow(); return sold; });
    next();
    await showMade(made, sold.insurer, sold.quoted.quote.patient);
    at("code").focus({ preventScroll: true });
  } catch (error) {
    notice(word(error instanceof Refused || error instanceof BadLine ? "looks-otherwise" : "not-signed"));
  } finally {
    at("bind").ariaBusy = "false";
  }
}

/** A scanner types wherever the cursor is: a code belongs to its field, and presses no button. */
function listenToScanners() {
  document.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
    const typing = document.activeElement?.matches("input, select, dialog, dialog *");
    if (!typing && key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey) at("code").focus();
  });
  document.addEventListener("input", ({ target }) => {
    const begins = target.id === "code" ? -1 : String(target.value ?? "").indexOf("RP1:");
    if (begins < 0) return;
    at("code").value = target.value.slice(begins);
    target.value = target.value.slice(0, begins);
    at("code").focus();
  });
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
  at("code").addEventListener("input", next);
  at("date").addEventListener("change", () => { dayIsToday = at("date").value === today(); });
  onClick("camera", camera);
  onClick("refresh", update);
  at("files").addEventListener("change", async () => {
    await renew(() => fromFiles(at("files").files), "taken");
    at("files").value = "";
  });
  onClick("begin-again", () => at("sure").showModal());
  at("sure").addEventListener("close", () => { if (at("sure").returnValue === "yes") beginAgain(); });
  listenToScanners();
  listenToSales();
  window.addEventListener("online", update);
  setInterval(update, EVERY);
  // Another tab may have signed meanwhile; the day may have turned.
  setInterval(() => Promise.all([tell(), showDevice()]), TICK);
}

function listenToSales() {
  at("what").addEventListener("change", suit);
  at("add").addEventListener("submit", (event) => { event.preventDefault(); addLine(); });
  onClick("bind", bindSale);
  onClick("prepare", async () => { if (!(await prepareDevice())) notice(word("not-prepared")); });
  onClick("export", exportChain);
  onClick("forget-codes", () => at("deposited").showModal());
  at("deposited").addEventListener("close", () => { if (at("deposited").returnValue === "yes") forgetDeposited(); });
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
  await showDevice();
  lists = await opened().catch(() => null);
  await tell();
  await update();
}

begin();
