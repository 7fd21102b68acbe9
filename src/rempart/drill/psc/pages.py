"""The simulator's pages: whom to be, and what goes wrong. French first, English beside."""

from html import escape

from rempart.drill.psc.faults import WORDS, Fault
from rempart.drill.psc.professionals import SyntheticProfessional

NAME = "SIMULATEUR · not Pro Santé Connect"

_STYLE = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:0 auto;padding:1rem;color:#111}
.banner{background:#7a1f00;color:#fff;padding:.75rem 1rem;font-weight:700}
button{display:block;width:100%;text-align:left;font:inherit;margin:.5rem 0;padding:.75rem 1rem;
border:2px solid #7a1f00;background:#fff;color:#111;cursor:pointer}
button:hover,button:focus{background:#fdeee8}
select{font:inherit;max-width:100%;padding:.4rem}
small{color:#444}code{overflow-wrap:anywhere}
"""


def page(title: str, body: str) -> str:
    """A page under the banner."""
    return (
        f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f'<p class="banner" role="note">{NAME}</p><main><h1>{escape(title)}</h1>{body}</main>'
    )


def choice(people: tuple[SyntheticProfessional, ...], client_id: str) -> str:
    """Whom to be for a service, and what goes wrong."""
    faults = "".join(f'<option value="{fault}">{escape(WORDS[fault])}</option>' for fault in Fault)
    return page(
        "Qui êtes-vous ? · Who are you?",
        f"<p>Le service <code>{escape(client_id)}</code> demande qui vous êtes. Ces personnes et"
        " ces lieux n'existent pas.<br><small>The service asks who you are. These people and"
        " places do not exist.</small></p>"
        '<form method="post"><p><label for="fault">Panne à jouer · failure to play</label><br>'
        f'<select id="fault" name="fault">{faults}</select></p>'
        f"{''.join(map(_button, people))}</form>",
    )


def _button(person: SyntheticProfessional) -> str:
    posts = "".join(
        f"<br><small>{escape(post.site.name)} ({escape(post.site.site.value)})</small>"
        if post.site
        else "<br><small>sans identifiant · without identifier</small>"
        for post in person.posts
    )
    return (
        f'<button name="person" value="{escape(person.rpps)}">{escape(person.first_name)}'
        f" {escape(person.last_name)}, {escape(person.calling)} <small>RPPS"
        f" {escape(person.rpps)}</small>{posts}</button>"
    )


def front(issuer: str) -> str:
    """What this is."""
    return page(
        "Simulateur · simulator",
        "<p>Ce serveur parle comme Pro Santé Connect, avec des personnes qui n'existent pas.<br>"
        "<small>This server speaks like Pro Santé Connect, with people who do not exist.</small>"
        f"</p><p>issuer <code>{escape(issuer)}</code></p>",
    )


def signed_out() -> str:
    """Where a logout ends when the service names no way back."""
    return page("Déconnecté · signed out", "<p>Vous pouvez fermer cette page.</p>")
