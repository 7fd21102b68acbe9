// The phone's page: a code for this minute, made here, and the card's own code for who verifies
// without a network. It works in flight mode; online it renews what it believes and is believed by.

import { decode as fromBase45 } from "./card-verifier/base45.js";
import { decode } from "./card-verifier/cbor.js";
import { read1 } from "./card-verifier/cose.js";
import { daysOf, freshCode } from "./codes.js";
import { ask, begun, codeOf, forget, now, renew, requestOf, take } from "./enrolling.js";
import { clearHistory, showHistory } from "./history.js";
import { cards, keepNote, note } from "./keeping.js";
import { readNote, verifierOf } from "./note.js";
import { at, dayOf, draw, momentOf, notice, word } from "./telling.js";

const EVERY = 30, REFRESH = 3_600_000, CLOCK_OFF = 30, CARD = -65537, BIRTH_YEAR = 4, AT_MOST = 15_000;
let held = [], shown = 0, way = "fresh", presence = null, verifier = null, made = 0, drawn = "", making = false, dirty = false, updated = 0;
const platform = document.querySelector("meta[name=platform]").content;

const ready = () => held.filter(({ phoneCard }) => phoneCard);
const current = () => ready().find(({ number }) => number === shown);

/** The birth year on a card: what tells two cards of one phone apart, and names nobody. */
function bornIn({ card }) {
  return decode(read1(fromBase45(card.slice(4))).payload).get(CARD).get(BIRTH_YEAR);
}

async function refreshNote() {
  try {
    const found = await fetch("presence-key", { cache: "no-store", signal: AbortSignal.timeout(AT_MOST) });
    if (!found.ok) return;
    const text = await found.text(), said = await readNote(text, verifier);
    const off = Math.abs(Date.parse(found.headers.get("date")) / 1000 - now());
    notice("clock", ...(off > CLOCK_OFF ? [word("clock")] : []));
    if (said && said.until >= (presence?.until ?? 0)) {
      await keepNote(text);
      presence = said;
    }
  } catch {
    // No network: what is kept is believed until its date.
  }
}

/** Why no code is made for this moment; empty where one is. */
function why(card) {
  const days = daysOf(card.phoneCard, card.point), moment = now();
  if (!presence) return "no-note";
  if (moment > presence.until) return "old-note";
  if (moment >= days.before) return "ended";
  return moment < days.from ? "clock" : "";
}

async function show() {
  const card = current();
  at("showing").hidden = !card;
  at("ask-history").disabled = !card || Boolean(why(card));
  if (!card) return;
  const reason = why(card), fresh = way === "fresh" && !reason;
  notice("why", ...(reason ? [word(reason)] : []));
  notice("over", ...(card.over ? [word("over")] : []));
  for (const each of ["fresh", "card"]) at(`way-${each}`).setAttribute("aria-pressed", String(each === (fresh ? "fresh" : "card")));
  at("way-fresh").disabled = Boolean(reason);
  at("left").hidden = !fresh;
  at("what").replaceChildren(word(fresh ? "what-fresh" : "what-card"));
  at("until").replaceChildren(word("until"), ` ${dayOf(daysOf(card.phoneCard, card.point).before - 1)}`);
  at("believed").replaceChildren(...(presence ? [word("believed"), ` ${momentOf(presence.until)}`] : []));
  if (fresh) await showFresh(card);
  else showDrawn(card.card, "card", "M", "Code de la carte · code of the card");
}

async function showFresh(card) {
  const moment = now();
  if (moment - made < EVERY && moment >= made) return;
  const { phoneCard, key } = card;
  const text = await freshCode({ phoneCard, key, vault: presence.vault, made: moment });
  if (current() !== card || way !== "fresh") return;
  showDrawn(text, "fresh", "L", "Code du moment · code of the moment");
  made = moment;
}

function showDrawn(text, kind, level, label) {
  if (text === drawn) return;
  draw(at("code"), text, level, label);
  at("code").dataset.way = kind;
  [drawn, made] = [text, 0];
}

async function tick() {
  if (document.visibilityState !== "visible") return;
  dirty = true;
  if (making) return;
  making = true;
  try {
    while (dirty) {
      dirty = false;
      await show();
    }
    const left = Math.max(0, made + EVERY - now());
    at("seconds").textContent = String(left);
    at("bar").value = left;
  } finally {
    making = false;
  }
}

async function again() {
  made = 0;
  await tick();
}

async function tellHistory() {
  at("ask-history").disabled = true;
  const card = current();
  await showHistory(platform, card, presence.vault);
  if (current() !== card) clearHistory();
  await again();
}

async function load() {
  held = await cards();
  if (!ready().some(({ number }) => number === shown)) shown = ready().at(0)?.number ?? 0;
  at("which").hidden = ready().length < 2;
  at("cards").replaceChildren(...ready().map((card, place) => {
    const option = new Option(`Carte ${place + 1} · ${bornIn(card)}`, card.number);
    option.selected = card.number === shown;
    return option;
  }));
  clearHistory();
  at("history").hidden = !platform;
  if (platform && !ready().length) notice("history-told", word("ask-your-insurer"));
  if (!ready().length) at("add").open = true;
  const waiting = held.findLast(({ phoneCard }) => !phoneCard);
  if (waiting) at("request").value = await requestOf(waiting);
  at("by-hand").hidden = !waiting;
  await again();
}

async function enrol(event) {
  event.preventDefault();
  const code = codeOf(at("invitation").value);
  if (!code) return notice("told", word("no-code"));
  at("enrol").disabled = true;
  try {
    const card = await begun(code), came = await ask(card);
    if (came === "refused") await forget(card.number);
    if (came === "taken") shown = card.number;
    notice("told", word(came));
    if (came === "taken" || came === "refused") at("invitation").value = "";
    if (came === "taken") at("add").open = false;
  } finally {
    at("enrol").disabled = false;
  }
  await load();
}

async function takeByHand(event) {
  event.preventDefault();
  for (const card of held.filter(({ phoneCard }) => !phoneCard)) {
    if (!(await take(card, at("answer").value))) continue;
    [shown, at("answer").value] = [card.number, ""];
    notice("told", word("taken"));
    return load();
  }
  notice("told", word("no-answer"));
}

async function update() {
  updated = now();
  await refreshNote();
  for (const card of held) await renew(card);
  await load();
}

/** The page's own files are kept by the browser, so that it opens without a network. */
function stayOffline() {
  const policy = globalThis.trustedTypes?.createPolicy("worker", { createScriptURL: (name) => name });
  navigator.serviceWorker?.register(policy ? policy.createScriptURL("sw.js") : "sw.js").catch(() => null);
}

function listen() {
  at("enrolment").addEventListener("submit", enrol);
  at("by-hand").addEventListener("submit", takeByHand);
  for (const each of ["fresh", "card"]) at(`way-${each}`).addEventListener("click", () => { way = each; again(); });
  at("cards").addEventListener("change", () => { shown = Number(at("cards").value); clearHistory(); again(); });
  at("ask-history").addEventListener("click", tellHistory);
  at("forget").addEventListener("click", () => at("sure").showModal());
  at("sure").addEventListener("close", async () => {
    if (at("sure").returnValue !== "yes") return;
    await forget(shown);
    await load();
  });
  document.addEventListener("visibilitychange", () => {
    again();
    // A page that slept for hours asks again when somebody looks at it.
    if (document.visibilityState === "visible" && now() - updated > REFRESH / 1000) update();
  });
  window.addEventListener("online", update);
  setInterval(tick, 1000);
  setInterval(update, REFRESH);
}

/** Whether this browser can do what a code needs. */
async function able() {
  try {
    verifier = await verifierOf(document.querySelector("meta[name=vault-key]").content);
    await globalThis.crypto.subtle.generateKey("X25519", false, ["deriveBits"]);
    return true;
  } catch {
    return false;
  }
}

async function begin() {
  if (!globalThis.crypto?.subtle) return;
  const can = await able();
  at("stopped").hidden = true;
  at("too-old").hidden = can;
  if (!can) return;
  listen();
  stayOffline();
  const kept = await note().catch(() => null);
  if (kept) presence = await readNote(kept, verifier);
  await load();
  at("content").hidden = false;
  await update();
}

begin();
