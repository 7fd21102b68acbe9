// The page of signing in.

import { at, enter, good, notice, onClick, told, word } from "/static/portal.js";
import { signIn } from "/static/passkeys.js";
import { goToProSante, later, left, session } from "/static/session.js";

const said = left("told"), said_word = left("word");
if (session()) enter(session());
else if (said) notice(told(JSON.parse(said)));
else if (said_word) notice(word(said_word), "done");

if (at("pro-sante")) onClick(at("pro-sante"), async () => good(await goToProSante()));
onClick(at("passkey"), async () => {
  const reply = await signIn();
  if (good(reply)) enter(reply);
});
later("then", "");
left("then");
