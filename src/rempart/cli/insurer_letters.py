"""``rempart insurer letters``: whether persons are told of a breach, and what tells them."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from rempart.adapters.durable import write_whole
from rempart.bootstrap.insurer import InsurerFolder, member_file, read_toml
from rempart.bootstrap.letters import (
    LetterOrder,
    LettersReport,
    folder_of,
    keep_decision,
    make_letters,
)
from rempart.cli.insurer_open import RECEIVED, keys_option, members_option, opened_of, show
from rempart.cli.insurer_where import FILE, Where, at_folder
from rempart.cli.watching import lines_in, progress
from rempart.domain.errors import SetUpRefused
from rempart.domain.letter_sender import FILE as LETTER
from rempart.domain.letter_sender import Sender
from rempart.domain.notice import Decision, Ground, NoticeFacts, Tell, decision_of, propose
from rempart.usecases.mail_letters import facts_of
from rempart.usecases.merge_dossiers import Merged
from rempart.usecases.notice_file import fact_lines, form
from rempart.usecases.told_before import read_told

FORM = "decision.toml"


@click.command()
@click.argument("received", type=RECEIVED, nargs=-1, required=True)
@keys_option
@members_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True)
@click.option("--decision", type=FILE, help="La décision, remplie · the decision, filled in")
@click.option(
    "--told", type=FILE, multiple=True, help="Déjà prévenus : merge.csv d'avant · told before"
)
@click.option("--pdf/--no-pdf", default=True, help="Lettres en PDF · letters as PDF")
@click.option(
    "--pack", type=click.IntRange(1, 1_000), default=200, show_default=True, help="Par PDF"
)
@click.option("--processes", type=click.IntRange(1, 64), help="Autant que de cœurs · one a core")
@at_folder
def letters(
    *,
    received: tuple[Path, ...],
    keys: tuple[Path, ...],
    members: Path,
    out: Path,
    decision: Path | None,
    told: tuple[Path, ...],
    pdf: bool,
    pack: int,
    processes: int | None,
    where: Where,
) -> None:
    """Prévenir les personnes (RGPD 34) : décision, lettres · tell persons: decision, letters."""
    if not all(each.is_dir() for each in received):
        raise SetUpRefused("expected dossier folders")
    today = date.today()  # noqa: DTZ011 - the day of the insurer's own calendar
    insurer, merged = opened_of(received, keys, where)
    show(merged)
    facts = counted(merged, members, today)
    if decision is None:
        ask(facts, merged, out)
        return
    decided = decision_of(
        read_toml(decision), {each.digest: each.source.name for each in merged.dossiers}
    )
    doubts(decided)
    if decided.tell is Tell.NOBODY:
        made = folder_of(out, exercise=merged.exercise)
        keep_decision(made, decided, facts, merged, amc=insurer.profile.amc.value, today=today)
        click.echo(f"décision gardée, aucune lettre · decision kept, no letter: {out}")
        return
    order = LetterOrder(
        merged=merged,
        members=members,
        out=out,
        sender=sender_of(insurer),
        decision=decided,
        facts=facts,
        pack=pack,
        pdf=pdf,
        today=today,
        before=told_in(told),
    )
    with progress() as bars:
        bar = bars.add_task("lettres · letters", total=len(merged.people))
        report = make_letters(
            insurer,
            order,
            processes=processes or os.cpu_count() or 1,
            watch=lambda count: bars.advance(bar, count),
        )
    tell(report, out)
    if gone := len(order.before.keys() - merged.people.keys()):
        click.echo(f"prévenus avant, plus concernés · told before, no longer concerned  {gone}")


def told_in(files: Sequence[Path]) -> dict[str, bytes]:
    """What earlier merge files told, the last of them of each person."""
    before: dict[str, bytes] = {}
    for file in files:
        with file.open(encoding="utf-8", newline="") as stream:
            before |= read_told(stream)
    return before


def counted(merged: Merged, members: Path, today: date) -> NoticeFacts:
    """The facts, with a bar."""
    with progress() as bars, member_file(members) as stream:
        bar = bars.add_task("faits · facts", total=lines_in(members))
        return facts_of(merged, stream, today, lambda rows: bars.advance(bar, rows))


def ask(facts: NoticeFacts, merged: Merged, out: Path) -> None:
    """Put the form where it is filled in, and say what would be done."""
    proposal = propose(facts)
    for line in fact_lines(facts):
        click.echo(f"  {line}")
    click.echo(f"proposition · proposal: {proposal.tell.value}")
    for french, english in proposal.reasons:
        click.echo(f"  - {french} · {english}")
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder_of(out, exercise=merged.exercise).at(FORM)
    if place.exists():
        raise SetUpRefused(f"{place.name} is there: fill it in and give it with --decision")
    write_whole(place, form(facts, proposal, merged).encode(), mode=0o600)
    click.echo(f"à décider · to be decided: {place}, puis · then --decision {place}")


def sender_of(insurer: InsurerFolder) -> Sender:
    """Who writes, and how the member file says where letters go."""
    if not (insurer.folder / LETTER).exists():
        raise SetUpRefused(f"write {LETTER} first: see docs/howto/answer-as-an-insurer.md")
    return Sender.from_toml(read_toml(insurer.folder / LETTER))


def doubts(decided: Decision) -> None:
    """Say where the facts do not bear an exception out; the decision is a person's."""
    if decided.ground is Ground.UNINTELLIGIBLE:
        click.echo(
            "attention : ces réponses ont été lues en clair · these answers were read in clear",
            err=True,
        )


def tell(report: LettersReport, out: Path) -> None:
    """What was made, a line each."""
    click.echo(f"lettres · letters        {report.letters}")
    click.echo(f"sans adresse · to be told otherwise  {report.unaddressed}")
    if report.told_before:
        click.echo(f"déjà prévenus du même · told the same before  {report.told_before}")
    if report.left_out:
        click.echo(f"non prévenus, décidé · not told, as decided  {report.left_out}")
    click.echo(f"paquets · packs          {len(report.packs)}: {out / 'print'}")
    if report.kept:
        click.echo(f"déjà faits · kept        {report.kept}")
