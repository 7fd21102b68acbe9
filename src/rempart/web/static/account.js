// What somebody sees of themselves: sessions, passkeys, and how to stop a thief.

import { at, filled, frozen, good, moment, notice, onClick, onSubmit, rows, whoAmI, word } from "/static/portal.js";
import { askFresh, register, stepUp } from "/static/passkeys.js";
import { ask, forget, goToProSante, later } from "/static/session.js";

let me;

function who() {
  const slots = {
    login: me.login,
    role: word(me.role, "role"),
    site: me.site || "–",
    stage: word(me.stage, "stage"),
    means: word(me.means, "means"),
  };
  for (const [name, value] of Object.entries(slots)) {
    document.querySelector(`.facts [data-slot="${name}"]`).replaceChildren(value);
  }
  at("narrowed").hidden = me.stage !== "narrowed";
  at("step-up").hidden = me.passkeys === 0;
  at("add").hidden = me.role !== "professional";
  at("vouch").hidden = at("vouched").hidden = !me.powers.includes("VOUCH");
}

function sessionRow(one) {
  const row = filled("session", {
    device: word(one.device, "device"),
    this: one.this ? word("this") : "",
    since: moment(one.since),
    seen: moment(one.seen),
    means: word(one.means, "means"),
  });
  onClick(row.querySelector("button"), async () => {
    if (!good(await ask("end-session", [one.ref]))) return;
    if (one.this) over();
    else await sessions();
  });
  return row;
}

function over() {
  forget();
  later("word", "left");
  location.replace("/");
}

async function sessions() {
  const reply = await ask("list-sessions");
  if (good(reply)) rows("sessions", reply.sessions.map(sessionRow));
}

let first = 0;

function vouchedRow(one, before) {
  const row = filled("vouched-session", {
    account: one.account,
    label: one.label,
    device: one.software ? word("assertion", "means") : word(one.device, "device"),
    since: moment(one.since),
    seen: moment(one.seen),
  });
  const again = before?.account === one.account;
  const end = (act, ref) => onClick(row.querySelector(`[data-act="${act}"]`), async () => {
    if (!good(await ask("end-vouched", [one.account, ref]))) return;
    first = 0;
    await vouched();
    notice(word("done"), "done");
  });
  end("one", one.ref);
  end("all", "");
  row.querySelector('[data-act="all"]').hidden = again;
  return row;
}

/** Sessions of those whom one speaks for: a page of them. */
async function vouched() {
  const reply = await ask("list-vouched", [first]);
  if (!good(reply)) return;
  rows("vouched-sessions", reply.sessions.map((one, at) => vouchedRow(one, reply.sessions[at - 1])));
  const next = first + reply.sessions.length;
  at("vouched-more").hidden = reply.total <= reply.sessions.length;
  first = next < reply.total ? next : 0;
}

const yesOrNo = (is) => at(is ? "yes" : "no").content.cloneNode(true);

function passkeyRow(one) {
  const row = filled("passkey", {
    ref: one.ref.slice(0, 8),
    this: one.this ? word("this") : "",
    made: moment(one.made),
    synced: yesOrNo(one.synced),
  });
  onClick(row.querySelector("button"), async () => {
    if (good(await askFresh("revoke-passkey", [one.ref]))) await begin();
  });
  return row;
}

async function passkeys() {
  const reply = await ask("list-passkeys");
  if (good(reply)) rows("passkeys", reply.passkeys.map(passkeyRow));
}

async function begin() {
  me = await whoAmI();
  if (!me) return;
  who();
  const theirs = me.powers.includes("VOUCH") ? [vouched()] : [];
  await Promise.all([sessions(), passkeys(), ...theirs]);
}

onClick(at("step-up"), async () => {
  const reply = await stepUp();
  if (!good(reply)) return;
  await begin();
  notice(word(reply.lifted ? "lifted" : "not-lifted"), "done");
});
onClick(at("vouched-more"), vouched);
onClick(at("end-all"), async () => {
  if (good(await ask("end-all-sessions"))) over();
});
onClick(at("add-passkey"), async () => {
  const reply = await register();
  at("sign-in-again").hidden = reply.outcome !== "not-fresh";
  if (!good(reply)) return;
  await begin();
  notice(word("done"), "done");
});
onClick(at("sign-in-again"), async () => {
  later("then", "/account");
  good(await goToProSante(true));
});

onSubmit(at("report"), () => at("sure").showModal());
onClick(at("sure-no"), () => at("sure").close());
onClick(at("sure-yes"), async () => {
  const account = at("account").value.trim();
  const reply = await ask("report", [account]);
  at("sure").close();
  if (!good(reply)) return;
  if (!account || account === `@${me.login}`) frozen();
  else {
    at("report").reset();
    notice(word("done"), "done");
  }
});

begin();
