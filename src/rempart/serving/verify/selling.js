// A sale to whoever has shown a card: its lines, who pays what, and what its insurer is bound to pay.
//
// The code stays in this page's memory until the sale is bound or the next card comes.

import {
  BadLine, Refused, cents, checkBound, guaranteeOf, itemOn, itemsOn, percent, quoteShare, whyNot,
} from "./card-verifier/index.js";
import { familyOf, rateOn } from "./card-verifier/tariff.js";
import { kindsOf, soldTo } from "./chain.js";
import { at, bare, dayOf, ending, english, euros, made, word } from "./telling.js";

let sale = null; // { code, on, claims, insurer, lists, lines, quoted, before }

const now = () => Math.floor(Date.now() / 1000);
const chosen = () => at("what").value;
const isItem = (what) => what !== what.toUpperCase();
const named = (item) => [item.french, made("br", ""), english(item.english)];

/** Begin a sale, once a card has proved its rights; `lists` gives those of the moment. */
export function openSale(code, on, { claims, insurer }, lists) {
  sale = { code, on, claims, insurer, lists, lines: [], quoted: null, before: [] };
  at("what").replaceChildren(...choices(claims, on));
  at("add").reset();
  at("sale").hidden = false;
  suit();
  draw();
}

/** No sale any more: its code is forgotten. */
export function closeSale() {
  sale = null;
  at("sale").hidden = true;
  tabulate();
}

/** What can be sold to this card: items of the tariff, then care at a base; by domain. */
function choices({ domains, birth_year: born }, on) {
  const age = Number(on.slice(0, 4)) - born, covered = Object.keys(domains);
  const items = itemsOn(on).filter(({ under }) => under === null || age < under);
  const groups = covered.map((domain) => [plain(word(domain, "domain")), items.filter((item) => item.domain === domain)]);
  const care = covered.map((domain) => option(domain, plain(word(domain, "domain"))));
  return [
    ...groups.filter(([, sold]) => sold.length).map(([label, sold]) => (
      group(label, sold.map(({ code, french, english: other }) => option(code, `${french} · ${other}`))))),
    group(plain(word("care")), care),
  ];
}

/** Both languages in one line, as a list of choices shows them. */
function plain({ firstChild, lastElementChild }) {
  const french = firstChild.textContent.trim();
  return lastElementChild ? `${french} · ${lastElementChild.textContent}` : french;
}

function option(value, text) {
  return Object.assign(made("option", "", text), { value });
}

function group(label, options) {
  return Object.assign(made("optgroup", "", ...options), { label });
}

/** Ask for what this choice needs: a base for care; show its limit, and the usual rate. */
export function suit() {
  const what = chosen(), item = isItem(what) ? itemOn(what, sale.on) : null;
  at("base-field").hidden = item !== null;
  at("limit").replaceChildren(...(item?.limit ? [ending(euros(item.limit), "limit")] : []));
  at("rate").placeholder = usual(item ? item.family : familyOf(what));
}

function usual(family) {
  try {
    return family ? String(rateOn(family, sale.on)) : "";
  } catch (error) {
    if (error instanceof BadLine) return "";
    throw error;
  }
}

/** The line that is typed. Throws `BadLine`. */
function typed() {
  const text = (id) => at(id).value.replace(/[\s€]/gu, ""), what = chosen();
  const price = cents(text("price")), rate = text("rate") ? percent(text("rate")) : null;
  if (isItem(what)) return { item: what, price, rate };
  return { domain: what, price, base: text("base") ? cents(text("base")) : price, rate };
}

/** Add the line that is typed, if all of the sale holds with it. */
export const addLine = () => changing(async () => {
  await requote([...sale.lines, typed()]);
  for (const id of ["price", "base", "rate"]) at(id).value = "";
});

const dropLine = (place) => changing(() => requote(sale.lines.filter((_, each) => each !== place)));

/** Change the sale, or say why not: it is as it was then. */
async function changing(act) {
  const asked = sale;
  at("line-wrong").replaceChildren();
  try {
    await act();
  } catch (error) {
    if (asked !== sale) return;
    if (error instanceof BadLine) at("line-wrong").replaceChildren(word(error.why, "bad"));
    else if (error instanceof Refused) at("line-wrong").replaceChildren(word(error.step, "step"));
    else throw error;
  }
  if (asked === sale) at("price").focus();
}

/** Quote these lines as the sale's. Throws what `quoteShare` throws, and the sale is as it was. */
async function requote(lines, moment = now()) {
  const asked = sale, { code, on, claims, lists } = sale;
  const quoted = lines.length ? await quoteShare(lists(), code, lines, { on, now: moment }) : null;
  const before = await soldTo(claims);
  if (asked !== sale) return;
  Object.assign(sale, { lines, quoted, before });
  draw();
}

function draw() {
  const { quoted } = sale;
  at("quoted").hidden = !quoted;
  at("line-wrong").replaceChildren();
  at("summed").replaceChildren();
  if (!quoted) return tabulate();
  tabulate(...quoted.quote.shares.map(drawn));
  at("total").replaceChildren(...amounts(quoted.quote));
  drawBound(quoted);
}

/** A body of the table for each line, and no other. */
function tabulate(...bodies) {
  for (const body of [...at("shares").tBodies]) body.remove();
  at("shares").tFoot.before(...bodies);
}

const amounts = (share) => ["price", "amo", "amc", "patient"].map((name) => made("td", name, bare(share[name])));

/** A line: what it is and whether it is guaranteed, then who pays what. */
function drawn(share, place) {
  const line = sale.lines[place];
  const name = line.item ? named(itemOn(line.item, sale.on)) : [word(line.domain, "domain")];
  const heading = made("th", "", ...name, standing(share));
  Object.assign(heading, { scope: "rowgroup", colSpan: 3 });
  const drop = made("button", "small quiet", "✕");
  Object.assign(drop, { type: "button", ariaLabel: `${plain(word("drop"))}, ${place + 1}` });
  drop.addEventListener("click", () => dropLine(place));
  const what = made("tr", "what", heading, made("td", "drop", drop));
  return made("tbody", "", what, made("tr", "amounts", ...amounts(share)));
}

function standing({ domain, basket, guaranteed }) {
  if (guaranteed) return made("span", "standing yes", "✓ ", word("guaranteed"));
  const { terms } = sale.quoted, why = whyNot(domain, basket, terms);
  const said = why === "renewal" ? ending(dayOf(terms.ofCard.renewals.get(domain)), why, "unbound") : word(why, "unbound");
  return made("span", "standing no", "! ", said);
}

/** What the insurer is bound to pay, and the button; or why it is not. */
function drawBound(quoted) {
  const missing = missingOf(quoted), times = usedUp(quoted), { patient, amc } = quoted.quote;
  at("owed").replaceChildren(euros(amc));
  at("left").replaceChildren(euros(patient));
  at("can-bind").hidden = Boolean(missing);
  at("not-bound").hidden = !missing;
  at("why").replaceChildren(...(missing ? [word(missing, "missing")] : []));
  at("again").replaceChildren(...(times ? [ending(times, "again")] : []));
  at("summed").replaceChildren(
    ...(missing ? [word(missing, "missing")] : [ending(euros(amc), "bound-to")]), " ", ending(euros(patient), "left-to-patient"),
  );
}

/**
 * How often the insurer bears a kind of sale that this device has bound for this card so often already;
 * zero where none is. How many cuts that was in is not known here.
 */
function usedUp({ quote, terms }) {
  const many = (kind) => sale.before.filter((each) => each === kind).length;
  const borne = kindsOf(quote.shares).map((kind) => {
    const [domain, basket] = kind.split(" "), times = guaranteeOf(domain, Number(basket), terms)?.times;
    return many(kind) >= times ? times : 0;
  });
  return Math.max(0, ...borne);
}

function missingOf(quoted) {
  if (quoted.missing) return quoted.missing;
  if (quoted.quote.amc === 0) return "nothing";
  return quoted.quote.guaranteed < quoted.quote.amc ? "lines" : "";
}

/**
 * The sale as it is bound: quoted anew at this moment. Throws `Refused` where that is not what was shown:
 * the new amounts are there to be looked at.
 */
export async function soldNow() {
  const asked = sale, shown = asked?.quoted?.quote.amc, moment = now();
  if (asked) await requote(asked.lines, moment);
  if (!asked || sale !== asked) throw new Refused("guarantee", "another card has come");
  const { code, on, lines, insurer, quoted } = asked;
  checkBound(quoted);
  if (quoted.quote.amc !== shown) throw new Refused("guarantee", "it comes to something else now");
  return { quoted, sale: { code, on, lines, now: moment }, insurer };
}
