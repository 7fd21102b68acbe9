// Enrolment and renewal: a key is made and kept first, then the insurer is asked, so that an answer
// that got lost is asked for again with the same key.

import { newKey, sign } from "./card-verifier/p256.js";
import { prefixed, u32, daysOf } from "./codes.js";
import { cards, forget, keep } from "./keeping.js";
import { unb64 } from "./note.js";

const ENROLMENT = "rempart/phone-enrolment/1", RENEWAL = "rempart/phone-renewal/1";
const DOOR = "phone", AT_MOST = 15_000;
const READ_AS = { O: "0", I: "1", L: "1" };

const b64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
export const now = () => Math.floor(Date.now() / 1000);

/** The 16 characters of an enrolment code, as typed; empty where it is none. */
export function codeOf(text) {
  const code = text.toUpperCase().replace(/[\s-]/g, "").replace(/[OIL]/g, (each) => READ_AS[each]);
  return /^[0-9A-HJKMNP-TV-Z]{16}$/.test(code) ? code : "";
}

/** The card that waits for this code's answer: with the key that was made for it, or a new one. */
export async function begun(code) {
  const found = (await cards()).find((each) => each.code === code && !each.phoneCard);
  if (found) return found;
  const card = { ...await newKey(), code };
  return { ...card, number: await keep(card) };
}

/** What the insurer is asked, as text: to be enrolled, or, once enrolled, to be renewed. */
export async function requestOf({ key, point, code, phoneCard }) {
  const made = now();
  const what = phoneCard ? { made } : { code };
  const said = phoneCard ? prefixed(RENEWAL, u32(made), point) : prefixed(ENROLMENT, code, point);
  return JSON.stringify({ key: b64url(point), proof: b64url(await sign(key, said)), ...what });
}

/** Take an answer in; whether it is one for this card's own key. */
export async function take(card, text) {
  try {
    const said = JSON.parse(text), phoneCard = unb64(said.phone_card);
    if (!daysOf(phoneCard, card.point) || !/^RP1:[0-9A-Z $%*+\-./:]{1,362}$/.test(said.card)) return false;
    await keep({ ...card, code: "", phoneCard, card: said.card, renewed: now(), over: false });
    return true;
  } catch {
    return false;
  }
}

/** Ask the insurer: "taken", "refused", "wait", or "unreachable". */
export async function ask(card) {
  let answer;
  try {
    const body = await requestOf(card), signal = AbortSignal.timeout(AT_MOST);
    answer = await fetch(DOOR, { method: "POST", body, cache: "no-store", credentials: "omit", signal });
    if (answer.status === 403) return "refused";
    if (answer.status === 429) return "wait";
    if (!answer.ok) return "unreachable";
    return (await take(card, await answer.text())) ? "taken" : "unreachable";
  } catch {
    return "unreachable";
  }
}

/** Ask again for a day-old phone card; a refusal is kept, and told. */
export async function renew(card) {
  if (!card.phoneCard || now() - card.renewed < 86_400) return;
  if ((await ask(card)) === "refused") await keep({ ...card, over: true });
}

export { forget };
