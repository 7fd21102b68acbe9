// What pages share: words on the page, who is signed in, forms and buttons.
//
// Everything that is shown goes in as text. No script here makes HTML from a string.

import { ask, forget, later, left, session } from "/static/session.js";

/** An element by its id. */
export const at = (id) => document.getElementById(id);

const OURS = ["no-network", "no-passkey", "same-passkey"];

/** A copy of one of the page's words, in both languages. */
export function word(name, kind = "") {
  const found = document.querySelector(`#words [data-word="${CSS.escape(`${kind}:${name}`)}"]`);
  const copy = document.createElement("span");
  copy.append(...(found ?? document.createElement("span")).cloneNode(true).childNodes);
  return copy;
}

/** A moment (microseconds) as the reader writes it. */
export function moment(microseconds) {
  const written = { dateStyle: "short", timeStyle: "short" };
  return new Intl.DateTimeFormat("fr-FR", written).format(new Date(microseconds / 1000));
}

/** A copy of a template with its slots filled: text, or a node. */
export function filled(template, slots) {
  const copy = at(template).content.firstElementChild.cloneNode(true);
  for (const [name, value] of Object.entries(slots)) {
    copy.querySelector(`[data-slot="${name}"]`).replaceChildren(value);
  }
  return copy;
}

/** Fill the body of a table; says so where there is nothing. */
export function rows(id, made) {
  const body = at(id);
  if (made.length) return body.replaceChildren(...made);
  const row = body.insertRow(), cell = row.insertCell();
  cell.colSpan = body.closest("table").rows[0].cells.length;
  cell.append(word("none"));
  return body.replaceChildren(row);
}

function line(kind, french, english) {
  const paragraph = document.createElement("p"), other = document.createElement("i");
  paragraph.className = kind;
  other.lang = "en";
  other.textContent = english;
  const strong = document.createElement(kind === "what" ? "strong" : "span");
  strong.textContent = french;
  paragraph.append(strong, " ", other);
  return paragraph;
}

/** What a reply says in words: what happens, what to do. */
export function told(reply) {
  const said = document.createDocumentFragment();
  if (OURS.includes(reply.outcome)) {
    const paragraph = document.createElement("p");
    paragraph.append(word(reply.outcome));
    said.append(paragraph);
    return said;
  }
  said.append(line("what", reply.fr, reply.en), line("do", reply.do_fr, reply.do_en));
  if (reply.detail) {
    const detail = document.createElement("p");
    detail.className = "help";
    detail.append(word("detail"), ` : ${reply.detail}`);
    said.append(detail);
  }
  return said;
}

/** Say something at the top of the page. */
export function notice(content, kind = "refused") {
  const box = document.createElement("div");
  box.className = `notice ${kind}`;
  box.append(content);
  at("notice").replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
}

/** Nothing to say any more. */
export function quiet() {
  at("notice").replaceChildren();
}

/** The account is stopped: nothing else is shown. */
export function frozen() {
  forget();
  at("nav").hidden = true;
  at("content").hidden = true;
  notice(at("outcome-frozen").content.cloneNode(true), "closed");
}

/** Whether a reply is what was asked for; otherwise says why not, or goes where it leads. */
export function good(reply) {
  if (reply.kind !== "refused") return true;
  if (reply.outcome === "frozen") frozen();
  else if (reply.outcome === "cut-off") notice(at("outcome-cut-off").content.cloneNode(true), "closed");
  else if (["not-signed-in", "no-token"].includes(reply.outcome)) {
    forget();
    later("told", JSON.stringify(reply));
    location.replace("/");
  } else notice(told(reply));
  return false;
}

/** Run something once at a time, while its button says that it is busy. */
export function busy(button, act) {
  return async (event) => {
    event?.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    quiet();
    try {
      await act();
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
}

/** What a button does. */
export function onClick(button, act) {
  button.addEventListener("click", busy(button, act));
}

/** What a form does, once what it holds is whole. */
export function onSubmit(form, act) {
  const button = form.querySelector("button:not([type])");
  const sent = busy(button, act);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) sent(event);
  });
}

/** Sign out of this tab's session. */
export async function leave() {
  await ask("sign-out");
  forget();
  later("word", "left");
  location.replace("/");
}

/** Who is signed in here; without a session, the page is left. */
export async function whoAmI() {
  if (!session()) {
    location.replace("/");
    return null;
  }
  const me = await ask("who-am-i");
  if (!good(me)) return null;
  for (const link of document.querySelectorAll("#nav [data-power]")) {
    link.hidden = !link.dataset.power.split(" ").some((power) => me.powers.includes(power));
    if (new URL(link.href).pathname === location.pathname) link.ariaCurrent = "page";
  }
  at("nav").hidden = false;
  onClick(at("leave"), leave);
  return me;
}

/** Where somebody goes who has just signed in. */
export function enter(reply) {
  const home = ["professional", "delegate"].includes(reply.role) ? "/home" : "/account";
  const insurers = ["insurer-manager", "insurer-dpo"].includes(reply.role) ? "/insurer" : home;
  const console = ["officer", "security", "inspector"].includes(reply.role) ? "/console" : insurers;
  location.replace(left("then") ?? console);
}
