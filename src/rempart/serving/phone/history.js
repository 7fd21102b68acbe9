// Who asked about me: a code made for this alone goes to the platform, which shows what it shows to
// this phone and to nobody else. Nothing of it is kept.

import { HISTORY, freshCode } from "./codes.js";
import { now } from "./enrolling.js";
import { at, momentOf, notice, word } from "./telling.js";

const AT_MOST = 15_000, NO = 403;

/** What the platform shows of this card; or `{ why }`, a word of the page, and `back`, seconds or 0. */
async function asked(platform, { phoneCard, key }, vault) {
  try {
    const body = await freshCode({ phoneCard, key, vault, made: now(), aim: HISTORY });
    const how = { method: "POST", body, cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" };
    const answer = await fetch(`${platform}/history`, { ...how, signal: AbortSignal.timeout(AT_MOST) });
    if (answer.ok) return await answer.json();
    const after = Number(answer.headers.get("retry-after"));
    return answer.status === NO ? { why: "ask-your-insurer" } : { why: "later", back: after && now() + after };
  } catch {
    return { why: "later", back: 0 };
  }
}

/** Both languages, as the page writes them. */
function said({ fr, en }) {
  const other = document.createElement("i"), both = document.createElement("span");
  other.lang = "en";
  other.textContent = en;
  both.append(fr, ...(en === fr ? [] : [" ", other]));
  return both;
}

function line(...content) {
  const row = document.createElement("p");
  row.append(...content.flatMap((each) => [each, " "]));
  return row;
}

const when = (moment) => momentOf(Date.parse(moment) / 1000);
const listed = (all) => said({ fr: all.map(({ fr }) => fr).join(", "), en: all.map(({ en }) => en).join(", ") });

function drawn(answer) {
  const row = document.createElement("li"), head = document.createElement("strong");
  head.append(`${when(answer.at)} `, said(answer.by));
  row.append(head, line(word("domain"), said(answer.domain)), line(word("seen"), listed(answer.fields)),
    line(word("shown-by"), said(answer.presence)));
  if (answer.breach) {
    const breach = line(said(answer.breach));
    breach.className = `breach ${answer.verdict}`;
    row.append(breach);
  }
  return row;
}

/** The word for the worst that is said of these. */
const worst = (answers) => ["breached", "undecided", "looked-into"].find((each) => answers.some(({ verdict }) => verdict === each)) ?? "outside";

export function clearHistory() {
  at("answers").replaceChildren();
  notice("history-told");
  notice("history-verdict");
  notice("history-asked");
}

export async function showHistory(platform, card, vault) {
  clearHistory();
  const shown = await asked(platform, card, vault);
  if (shown.why) return notice("history-told", word(shown.why), ...(shown.back ? [` ${momentOf(shown.back)}`] : []));
  const { answers, total } = shown, some = answers.length < total ? "some" : total ? "all" : "none";
  notice("history-told", word(some), ...(total ? [` ${answers.length}/${total}`] : []));
  notice("history-verdict", ...(total ? [word(worst(answers))] : []));
  at("answers").replaceChildren(...answers.map(drawn));
  notice("history-asked", ...(shown.asked.length ? [word("asked-before"), ` ${shown.asked.map(when).join(", ")}`] : []));
}
