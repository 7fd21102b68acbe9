// Asking a question. What is typed is cleared once it is asked, and shown nowhere again.

import { at, good, notice, onClick, onSubmit, told, whoAmI, word } from "/static/portal.js";
import { stepUp } from "/static/passkeys.js";
import { canScan, scan } from "/static/scan.js";
import { ask } from "/static/session.js";

const MARKS = { "rights-open": ["✓", "open"], "rights-closed": ["✕", "closed"] };
const CALLER = ["not-signed-in", "no-token", "frozen", "cut-off"];
let last = { said: "", key: "" };

function fact(name, value) {
  const paragraph = document.createElement("p");
  paragraph.append(word(name), " : ", value);
  return paragraph;
}

function show(reply) {
  const [mark, kind] = MARKS[reply.outcome] ?? ["!", "refused"];
  const box = at("answer"), sign = document.createElement("span");
  sign.className = "mark";
  sign.ariaHidden = "true";
  sign.textContent = mark;
  const said = told(reply);
  said.firstElementChild.prepend(sign);
  if (reply.until) said.append(fact("until", new Date(reply.until).toLocaleDateString("fr-FR", { timeZone: "UTC" })));
  if (reply.mode) said.append(fact("pays", word(reply.mode, "mode")));
  if (reply.reference) {
    const code = document.createElement("code");
    code.textContent = reply.reference;
    said.append(fact("reference", code));
  }
  if (reply.repeated) said.append(fact("again", ""));
  box.className = `answer ${kind}`;
  box.replaceChildren(said);
}

/** The same question again, after a failure of the network, has the same key: it is asked once. */
function keyFor(said) {
  if (last.said !== said) last = { said, key: crypto.randomUUID() };
  return last.key;
}

async function question(form, shown, first) {
  if (!at("about").reportValidity()) return;
  const about = [at("domain").value, at("date").value, shown];
  const reply = await ask("ask", [keyFor(JSON.stringify(about)), ...about]);
  if (CALLER.includes(reply.outcome)) {
    good(reply);
    return;
  }
  show(reply);
  if (["no-network", "unavailable", "internal"].includes(reply.outcome)) return;
  last = { said: "", key: "" };
  if (reply.outcome === "narrowed") narrowed(true, true);
  if (!["malformed", "read-the-card"].includes(reply.outcome)) form.reset();
  at(first).focus({ preventScroll: true });
  at("answer").scrollIntoView({ block: "nearest" });
}

/** What to do is said once: here, or in the answer. */
function narrowed(is, answered = false) {
  at("narrowed").hidden = !is;
  at("narrowed").querySelector(".do").hidden = answered;
}

function domainsOf(kind) {
  for (const option of [...at("domain").options]) {
    if (!option.dataset.kinds.split(" ").includes(kind)) option.remove();
  }
}

const text = (id) => at(id).value.trim();
const typed = () => ["typed", text("amc"), text("member"), text("birth"), text("rank"), text("key").toUpperCase()];

async function begin() {
  at("date").value = new Date().toLocaleDateString("sv-SE");
  const me = await whoAmI();
  if (!me) return;
  at("who").replaceChildren(word(me.role, "role"), ` · ${me.site}`);
  domainsOf(me.kind);
  narrowed(me.stage === "narrowed");
  at("step-up").hidden = me.passkeys === 0;
  at("no-passkey").hidden = me.passkeys > 0;
  at("code").focus();
  at("camera").hidden = !(await canScan());
}

onSubmit(at("ask-code"), () => question(at("ask-code"), ["card", text("code")], "code"));
onSubmit(at("ask-typed"), () => question(at("ask-typed"), typed(), "amc"));
at("about").addEventListener("submit", (event) => event.preventDefault());
onClick(at("camera"), async () => {
  const code = await scan(at("video"));
  if (!code) return;
  at("code").value = code;
  at("ask-code").requestSubmit();
});
onClick(at("step-up"), async () => {
  const reply = await stepUp();
  if (!good(reply)) return;
  narrowed(reply.stage === "narrowed");
  notice(word(reply.lifted ? "lifted" : "not-lifted"), "done");
});

begin();
