// Every published vector, through the page's own module; run in a page by its test.

async ([cards, offline]) => {
  const { Lists, Refused, readCard, verify } = await import("./card-verifier/index.js");
  const { publicKey } = await import("./card-verifier/p256.js");
  const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const hex = (data) => Array.from(data, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const step = (error) => { if (error instanceof Refused) return error.step; throw error; };
  const told = { cards: [], refused: [], verdicts: [], lists: [], turned: [] };
  const key = await publicKey(bytes(cards.key.public.slice(-130)));
  const keyOf = (amc, kid) => (amc === cards.key.issuer && hex(kid) === cards.key.key_id ? key : null);
  for (const { code } of cards.cards) told.cards.push(hex((await readCard(code, keyOf)).secret));
  for (const { code, on } of cards.refused) {
    told.refused.push(await readCard(code, keyOf, on).then(() => "", step));
  }
  const lists = await Lists.open({ roots: [bytes(offline.operator)] });
  const take = (data, now) => lists.take(bytes(data), now).catch(step);
  for (const data of offline.lists) await take(data, offline.now);
  for (const { code, on, domain, now } of offline.cards) {
    const verdict = await verify(lists, code, { on, domain, now });
    told.verdicts.push([verdict.finding, verdict.step, verdict.insurer, verdict.mode, verdict.list_made]);
  }
  for (const { data, now } of offline.refused_lists) told.lists.push(await take(data, now));
  for (const { data } of offline.turned) told.turned.push((await take(data, offline.now)) === "new");
  return told;
}
