// What the page says: words of its own HTML, moments, and a verdict. Everything goes in as text.

const MARKS = { good: "✓", unchecked: "!", refused: "✕" };
const UNITS = [["day", 86_400], ["hour", 3_600], ["minute", 60]];

export const at = (id) => document.getElementById(id);

export function made(tag, className, ...content) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...content);
  return element;
}

/** An amount in cents, as French readers write it. */
export const euros = (amount) => (amount / 100).toLocaleString("fr-FR", { style: "currency", currency: "EUR" });
/** The same in a table that says that it is in euros. */
export const bare = (amount) => (amount / 100).toLocaleString("fr-FR", { minimumFractionDigits: 2 });

/** A copy of one of the page's words, in both languages. */
export function word(name, kind = "") {
  const found = document.querySelector(`#words [data-word="${CSS.escape(`${kind}:${name}`)}"]`);
  return made("span", "", ...(found ?? document.createElement("span")).cloneNode(true).childNodes);
}

/** One of the page's words that ends in something: it stands behind the French, on the same line. */
export function ending(end, name, kind = "") {
  const said = word(name, kind), { firstChild: french } = said;
  french.textContent = `${french.textContent.trimEnd()}\u00a0${end} `;
  return said;
}

/** A text in English, beside the French one. */
export function english(text) {
  const said = made("i", "", text);
  said.lang = "en";
  return said;
}

/** How long ago, in both languages; both in seconds. */
function ago(then, now) {
  const past = Math.max(0, now - then), [unit, size] = UNITS.find(([, each]) => past >= each) ?? ["minute", 60];
  const [french, other] = ["fr", "en"].map((language) => (
    new Intl.RelativeTimeFormat(language).format(-Math.floor(past / size), unit)));
  return made("span", "", french, " ", english(other));
}

/** A day (YYYY-MM-DD), or the day of a moment in seconds, as French readers write it. */
export const dayOf = (day) => new Date(`${day}T00:00:00Z`).toLocaleDateString("fr-FR", { timeZone: "UTC" });
export const momentOf = (seconds) => new Date(seconds * 1000).toLocaleString("fr-FR", { dateStyle: "short", timeStyle: "short" });

/** Since when a list is, or that there is none; marked where a newer one should have come. */
export function age(list, now) {
  if (!list) return made("span", "late", word("no-list"));
  if (list.until >= now) return ago(list.made, now);
  return made("span", "late", ago(list.made, now), ", ", word("late"));
}

function fact(name, ...content) {
  return made("div", "", made("dt", "", word(name)), made("dd", "", ...content));
}

function covered({ domains }, asked) {
  const body = document.createElement("tbody");
  for (const [domain, mode] of Object.entries(domains)) {
    const heading = made("th", "", word(domain, "domain"));
    heading.scope = "row";
    body.append(made("tr", domain === asked ? "asked" : "", heading, made("td", "", word(mode, "mode"))));
  }
  const caption = made("caption", "unseen", word("covers"));
  return made("div", "wide", made("table", "", caption, body));
}

function facts(verdict, asked, lists, now) {
  const { claims } = verdict;
  return made(
    "dl", "facts",
    fact("asked", dayOf(asked.on)),
    fact("born", String(claims.birth_year)),
    fact("insurer", `${verdict.insurer}, AMC ${claims.amc}`),
    fact("days", dayOf(claims.valid_from), " ", word("to"), " ", dayOf(claims.valid_to)),
    fact("convention", claims.convention),
    ...(claims.csr ? [fact("csr", claims.csr)] : []),
    fact("responsable", word(claims.responsable ? "yes" : "no")),
    fact("list-made", age(lists.status(claims.amc), now)),
  );
}

function todo({ step, finding, claims }) {
  if (step) return word(step, "step");
  return word(claims.status_index === null ? "unplaced" : finding, "do");
}

/** A verdict in words, a colour and a mark; `hint` says what a keyboard may have done. */
export function show(verdict, asked, lists, now, hint) {
  const mark = made("span", "mark", MARKS[verdict.finding]);
  mark.ariaHidden = "true";
  const headline = made("p", "headline", mark, word(verdict.finding, "finding"));
  const box = at("verdict");
  box.className = `answer ${verdict.finding}`;
  box.dataset.step = verdict.step;
  box.replaceChildren(headline, made("p", "do", todo(verdict)));
  if (hint) box.append(made("p", "hint", word(hint, "keys")));
  if (verdict.claims) box.append(facts(verdict, asked, lists, now), covered(verdict.claims, asked.domain));
  box.scrollIntoView({ block: "nearest" });
}

/** No verdict any more. */
export function hush() {
  at("verdict").className = "answer";
  at("verdict").replaceChildren();
}

/** Say something above everything, until something else is said. */
export function notice(...content) {
  at("notice").replaceChildren(...(content.length ? [made("div", "notice refused", ...content)] : []));
}

/** What is kept here: operator, number, age; and each insurer with its own list. */
export function showLists(lists, now) {
  const { trust } = lists, { made: since } = trust;
  const until = made("span", "", word("until"), " ", momentOf(trust.until));
  at("trust").replaceChildren(
    trust.operator, ", ", word("number"), ` ${trust.number}, `, age(trust, now), `, ${momentOf(since)}, `, until,
  );
  at("age").replaceChildren(word("lists-made"), " : ", age(trust, now));
  at("age").hidden = false;
  at("insurers").replaceChildren(...Array.from(trust.insurers.values(), ({ amc, name }) => {
    const heading = made("th", "", name);
    heading.scope = "row";
    return made("tr", "", heading, made("td", "", amc), made("td", "", age(lists.status(amc), now)));
  }));
}
