// What this device is called, what it has bound, and the file that is deposited on return.

import { base64url, canBind, deposit, device, forgetCodes, links, mayLose, prepare } from "./chain.js";
import { at, ending, euros, made, momentOf, word } from "./telling.js";

const DAY = 86_400_000;

/** Show the device, and what it has signed today. */
export async function showDevice() {
  const own = await device();
  at("can-prepare").hidden = Boolean(own) || !canBind();
  at("too-old").hidden = canBind();
  at("prepared").hidden = !own;
  at("no-device").hidden = Boolean(own);
  at("bind").hidden = !own;
  if (!own) return;
  at("point").textContent = base64url(own.point);
  at("kid").textContent = own.kid;
  at("may-lose").hidden = !(await mayLose());
  await showBound();
}

async function showBound() {
  const all = await links(), since = new Date().setHours(0, 0, 0, 0);
  const today = all.filter(({ at: signed }) => signed * 1000 >= since && signed * 1000 < since + DAY);
  const total = today.reduce((sum, { amc }) => sum + amc, 0);
  at("signed").replaceChildren(...today.map(drawn));
  at("signed-total").replaceChildren(euros(total));
  at("signed-today").hidden = !today.length;
  at("none-today").hidden = today.length > 0;
  at("signed-in-all").textContent = String(all.length);
  at("export").disabled = !all.length;
  at("forget-codes").hidden = !all.some(({ code }) => code);
}

function drawn({ number, at: signed, insurer, amc }) {
  const heading = made("th", "", String(number));
  heading.scope = "row";
  const moment = new Date(signed * 1000).toLocaleTimeString("fr-FR", { timeStyle: "short" });
  return made("tr", "", heading, made("td", "", moment), made("td", "", insurer), made("td", "amount", euros(amc)));
}

/** Make this device's key; false where the browser keeps nothing. */
export async function prepareDevice() {
  const kept = await prepare().then(() => true, () => false);
  await showDevice();
  return kept;
}

/** Show what has just been bound, in figures that are read from a step away. */
export async function showMade({ number, amc, at: signed }, insurer, patient) {
  const mark = made("span", "mark", "✓"), title = ending(number, "undertaking"), box = at("bound");
  mark.ariaHidden = "true";
  box.className = "answer good";
  box.dataset.number = number;
  box.replaceChildren(
    made("p", "headline", mark, title),
    made("p", "owed", euros(amc)),
    made("p", "do", `${insurer}, ${momentOf(signed)}`),
    made("p", "do", ending(euros(patient), "left-to-patient")),
    made("p", "help", word("deposit-later")),
  );
  box.scrollIntoView({ block: "center" });
  await showBound();
}

/** Nothing was just bound any more. */
export function hushMade() {
  at("bound").className = "answer";
  at("bound").replaceChildren();
}

/** Hand the chain over as a file. */
export async function exportChain() {
  const own = await device(), file = new Blob([await deposit()], { type: "application/jsonl" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `rempart-${own.kid}-${new Date().toLocaleDateString("sv-SE")}.jsonl`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), DAY / 1440);
}

/** Forget the codes that were deposited. */
export async function forgetDeposited() {
  await forgetCodes();
  await showBound();
}
