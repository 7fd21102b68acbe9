// A first passkey, with a code that was handed over.

import { at, enter, good, onClick, onSubmit } from "/static/portal.js";
import { enrol, signIn } from "/static/passkeys.js";

onSubmit(at("enrol"), async () => {
  if (!good(await enrol(at("code").value))) return;
  at("enrol").reset();
  at("enrol").hidden = true;
  at("enrolled").hidden = false;
  at("enrolled").focus();
});
onClick(at("passkey"), async () => {
  const reply = await signIn();
  if (good(reply)) enter(reply);
});
