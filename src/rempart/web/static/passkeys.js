// Ceremonies with passkeys: the vault's challenge in, the authenticator's answer out.

import { thumbprint } from "/static/dpop.js";
import { ask, device, keep, knock } from "/static/session.js";

const CANCELLED = { kind: "refused", outcome: "no-passkey" };

async function answered(make) {
  try {
    return { answer: JSON.stringify((await make()).toJSON()) };
  } catch (error) {
    const known = error?.name === "InvalidStateError";
    return { refused: known ? { kind: "refused", outcome: "same-passkey" } : CANCELLED };
  }
}

const made = (options) => answered(() => navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options)),
}));
const used = (options) => answered(() => navigator.credentials.get({
  publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options)),
}));

async function ceremony(begun, through, finish) {
  if (begun.kind !== "passkey-asked") return begun;
  const { answer, refused } = await through(begun.options);
  return refused ?? finish(begun.flow, answer);
}

/** Sign in with a passkey. */
export async function signIn() {
  const begun = await knock("begin-passkey", [await thumbprint()]);
  return ceremony(begun, used, async (flow, answer) => {
    const reply = await knock("finish-passkey", [flow, answer, device()]);
    if (reply.kind === "entered") keep(reply);
    return reply;
  });
}

/** Make a first passkey with a code. */
export async function enrol(code) {
  const begun = await knock("begin-enrolment", [await thumbprint(), code]);
  return ceremony(begun, made, (flow, answer) => knock("finish-enrolment", [flow, answer]));
}

/** Make a passkey in a session. */
export async function register() {
  const begun = await ask("begin-registration");
  return ceremony(begun, made, (flow, answer) => ask("finish-registration", [flow, answer]));
}

/** Prove again who one is; the session gets a new handle. */
export async function stepUp(account = "") {
  const begun = await ask("begin-step-up");
  return ceremony(begun, used, async (flow, answer) => {
    const reply = await ask("finish-step-up", [flow, answer, account]);
    if (reply.kind === "stepped-up") keep(reply);
    return reply;
  });
}

/** Ask for what needs that one has just proven who one is; prove it first where that is over. */
export async function askFresh(kind, fields) {
  const reply = await ask(kind, fields);
  if (reply.outcome !== "not-fresh") return reply;
  const stepped = await stepUp();
  return stepped.kind === "stepped-up" ? ask(kind, fields) : stepped;
}
