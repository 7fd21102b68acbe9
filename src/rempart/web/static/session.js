// What this page asks of the vault, and the session in which it asks.
//
// The session's handle is kept in `sessionStorage`: of this tab alone, gone with it, sent by no
// request that a script did not make. It is never in an address or a cookie.

import { proof, thumbprint } from "/static/dpop.js";

const SESSION = "rempart.session";

/** Who this tab is signed in as, or null. */
export function session() {
  return JSON.parse(sessionStorage.getItem(SESSION) ?? "null");
}

/** Take the session that a reply has given: it replaces the one of before. */
export function keep(reply) {
  sessionStorage.setItem(SESSION, JSON.stringify({ ...session(), ...picked(reply) }));
}

function picked({ token, login, role, site }) {
  const told = { token, login, role, site };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}

/** Forget the session. */
export function forget() {
  sessionStorage.removeItem(SESSION);
}

/** Words to say on the next page: texts of ours, never of anybody. */
export function later(name, value) {
  sessionStorage.setItem(`rempart.${name}`, value);
}

/** What was left for this page, once. */
export function left(name) {
  const value = sessionStorage.getItem(`rempart.${name}`);
  sessionStorage.removeItem(`rempart.${name}`);
  return value;
}

async function post(path, body, headers = {}) {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
    return await response.json();
  } catch {
    return { kind: "refused", outcome: "no-network" };
  }
}

/** Ask one thing: a kind of request, and its fields in their order (the list that is signed). */
export async function ask(kind, fields = [], token = session()?.token) {
  const path = `/people/${kind}`, body = JSON.stringify(fields);
  const headers = { DPoP: await proof(location.origin + path, body, token) };
  if (token) headers.Authorization = `DPoP ${token}`;
  return post(path, body, headers);
}

/** Ask before there is a session. */
export function knock(kind, fields) {
  return ask(kind, fields, "");
}

/** Go to Pro Santé Connect; comes back at /return. */
export async function goToProSante(again = false) {
  const reply = await post("/pro-sante/begin", JSON.stringify([await thumbprint(), again]));
  if (reply.kind === "pro-sante-begun") location.assign(reply.address);
  return reply;
}

/** What the browser came back with, for the ID token. */
export function cameBack(returned) {
  return post("/pro-sante/back", JSON.stringify({ returned }));
}

/** A coarse kind of device, for the owner's own list of sessions. */
export function device() {
  const mobile = navigator.userAgentData?.mobile ?? /Mobi|iPhone/.test(navigator.userAgent);
  if (mobile) return "phone";
  const tablet = /iPad|Android|Tablet/.test(navigator.userAgent);
  return tablet ? "tablet" : "computer";
}
