"""Every list that ever counted: which one a device had is part of what it signed."""

from datetime import date

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric import ec

from rempart.adapters.list_archive import ListArchive
from rempart.cli.claims import command
from rempart.domain.coverage import Domain
from rempart.domain.errors import ListRefused
from rempart.domain.guarantee import Guarantee, Statement
from rempart.domain.status_list import PLACES_MIN, StatusList, bits_of
from rempart.domain.tariff import Basket
from rempart.domain.trust_list import Trusted, TrustList
from rempart.sealing.cose import kid_of
from rempart.usecases.card_lists import sign_guarantees, sign_status, sign_trust
from rempart.usecases.judge_undertakings import Standing
from rempart.usecases.p256_keys import point_of
from rempart.usecases.take_lists import TakeLists

OPERATOR, INSURER, NEXT = (ec.derive_private_key(n, ec.SECP256R1()) for n in (41, 42, 43))
NOW, DAY, AMC = 1_795_600_800, 86_400, "99990001"
TODAY = date(2026, 11, 25)


def trust(number: int, *keys, times: int = 1) -> bytes:
    statement = Statement(
        amc=AMC,
        made=NOW - 9 * DAY,
        until=NOW + 90 * DAY,
        list_days=7,
        profiles={0: (Guarantee(domain=Domain.OPTI, basket=Basket.A, times=times),)},
    )
    points = {kid_of(k.public_key()): point_of(k.public_key()) for k in keys}
    trusted = Trusted(amc=AMC, name="M", keys=points, statement=sign_guarantees(statement, keys[0]))
    made = NOW + number * 60
    return sign_trust(
        TrustList(
            operator="O", number=number, made=made, until=NOW + 30 * DAY, insurers=(trusted,)
        ),
        OPERATOR,
    )


def status(made: int, *over: int) -> bytes:
    return sign_status(
        StatusList(amc=AMC, made=made, until=made + 30 * DAY, bits=bits_of(PLACES_MIN, over)),
        INSURER,
    )


@pytest.fixture
def archive(tmp_path) -> ListArchive:
    archive = ListArchive(tmp_path / "lists")
    take = TakeLists(archive)
    take.trust_operator(point_of(OPERATOR.public_key()))
    take(trust(1, INSURER), now=NOW + DAY)
    return archive


def test_a_file_that_was_corrected_ends_nobody(archive):
    """Over on Monday by mistake, not over on Tuesday: who signed by Tuesday's list was right."""
    take = TakeLists(archive)
    for made, over in ((NOW, [7]), (NOW + DAY, []), (NOW + 2 * DAY, [7])):
        take(status(made, *over), now=NOW + 3 * DAY)
    assert archive.standing(AMC, 7, NOW) == Standing(True, NOW + 2 * DAY)
    assert archive.standing(AMC, 7, NOW + DAY) == Standing(False, NOW + 2 * DAY)
    assert archive.standing(AMC, 8, NOW + DAY) == Standing(False, None)


def test_of_a_list_or_a_place_that_is_not_known_nobody_says(archive):
    TakeLists(archive)(status(NOW), now=NOW + DAY)
    assert archive.standing(AMC, 8, NOW + 1).over is None
    assert archive.standing(AMC, None, NOW).over is None
    assert archive.standing(AMC, PLACES_MIN, NOW).over is None
    assert archive.standing("99990002", 8, NOW).over is None
    assert archive.statement(AMC, 2**32 - 1) is None


def test_the_list_that_counted_at_a_moment_is_the_last_before_it(archive):
    take = TakeLists(archive)
    for made in (NOW, NOW + DAY):
        take(status(made), now=NOW + 2 * DAY)
    assert archive.last_made(AMC, NOW - 1) == 0
    assert archive.last_made(AMC, NOW + DAY - 1) == NOW
    assert archive.last_made(AMC, NOW + 9 * DAY) == NOW + DAY


def test_the_trust_lists_of_a_day_are_the_last_before_it_and_those_made_in_it(archive):
    take = TakeLists(archive)
    for number in (2, 3, 4):
        take(trust(number, INSURER), now=NOW + DAY)
    minute = [NOW + 60 * number for number in range(6)]
    for since, until, numbers in (
        (minute[0], minute[1], []),
        (minute[0], minute[2], [1]),
        (minute[2] + 1, minute[4], [2, 3]),
        (minute[3], minute[4], [3]),
        (minute[5], minute[5] + DAY, [4]),
        (NOW + 30 * DAY - 1, NOW + 40 * DAY, [4]),
        (NOW + 30 * DAY, NOW + 40 * DAY, []),
    ):
        assert sorted(archive.counted(since, until)) == numbers


def test_keys_and_guarantees_are_those_of_the_list_that_a_device_had(archive):
    TakeLists(archive)(trust(2, NEXT, times=5), now=NOW + DAY)
    old, new = (kid_of(k.public_key()) for k in (INSURER, NEXT))
    assert archive.card_key(AMC, old, 1) is not None
    assert archive.card_key(AMC, old, 2) is None
    assert archive.card_key(AMC, new, 2) is not None
    assert archive.newest == 2
    found = [archive.statement(AMC, n).profiles[0][0].times for n in (1, 2)]
    assert found == [1, 5]


def test_a_list_that_was_missed_is_kept_afterwards(archive):
    take = TakeLists(archive)
    take(trust(3, INSURER), now=NOW + DAY)
    take(status(NOW + DAY), now=NOW + 2 * DAY)
    for missed in (trust(2, INSURER, times=9), status(NOW, 7)):
        with pytest.raises(ListRefused):
            take(missed, now=NOW + 2 * DAY)
        assert archive.keep_older(missed)
    assert archive.statement(AMC, 2).profiles[0][0].times == 9
    assert archive.standing(AMC, 7, NOW).over is True
    assert archive.newest == 3
    assert not archive.keep_older(
        sign_status(StatusList(amc=AMC, made=5, until=9, bits=bits_of(PLACES_MIN, [])), NEXT)
    )
    assert not archive.keep_older(b"nonsense")


def test_whoever_judges_takes_lists_in_by_command_and_a_refused_one_hides_no_other(
    tmp_path, monkeypatch
):
    """In any order: the trust list is read before the insurers' whose keys it has."""
    monkeypatch.setenv("REMPART_HOME", str(tmp_path))
    given = {
        "operator.pub": point_of(OPERATOR.public_key()),
        "a.cbor": status(NOW, 7),
        "b.cbor": b"nonsense",
        "c.cbor": trust(2, INSURER),
        "d.cbor": trust(1, INSURER, times=9),
    }
    for name, data in given.items():
        (tmp_path / name).write_bytes(data)
    run, files = CliRunner(), [str(tmp_path / name) for name in given if name.endswith("cbor")]
    assert run.invoke(command, ["trust", str(tmp_path / "operator.pub")]).exit_code == 0
    told = run.invoke(command, ["take", *files])
    assert told.exit_code == 2
    assert told.stdout.splitlines() == ["c.cbor: new", "d.cbor: older", "a.cbor: new"]
    assert told.stderr.startswith("b.cbor: ")
    again = run.invoke(command, ["take", files[0], files[2]])
    assert (again.exit_code, again.stdout) == (0, "c.cbor: known\na.cbor: known\n")
    archive = ListArchive(tmp_path / "billing" / "lists")
    assert archive.newest == 2
    assert archive.statement(AMC, 1).profiles[0][0].times == 9
