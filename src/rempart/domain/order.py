"""How typed things stand to those typed before: a small code, and nothing written.

Guesses are made beside one another: the next number, the next day. Patients are not. When a
software spoils what is typed, the people at the desk are typed again, in turn; a patient whom no
feed has named yet comes back every day and is asked about in vain again. No guess is made twice.
"""

from dataclasses import dataclass, field

from rempart.domain.trace import Order

BESIDE = 50
"""Numbers closer than this are beside one another; a large insurer has millions."""
TAIL = 3
WAITING = 8
"""Typed things of an account that are known again: as many people as wait at its desks."""
IN_VAIN = 32
"""The same, of those under which nothing lay, for as long as this process runs."""


@dataclass(slots=True)
class TypedLately:
    """What each account typed last, in this memory alone, for a day; and for longer, what it typed
    in vain. Of all but the last a hash is kept, which is another in every process.
    """

    _day: int = 0
    _last: dict[int, tuple[str, str]] = field(default_factory=dict, repr=False)
    _lately: dict[int, tuple[int, ...]] = field(default_factory=dict, repr=False)
    _in_vain: dict[int, tuple[int, ...]] = field(default_factory=dict, repr=False)

    def advance(self, day: int) -> None:
        """Let days pass: yesterday's are forgotten."""
        if day != self._day:
            self._day, self._last, self._lately = day, {}, {}

    def order(self, account: int, amc: int, printed: tuple[str, str]) -> Order:
        """The code of (member number, birth date as eight digits) typed now. Changes nothing."""
        order = order_of(self._last.get(account, NOTHING), printed)
        now = hash((amc, printed))
        before = (*self._lately.get(account, ()), *self._in_vain.get(account, ()))
        return Order.AGAIN if order is not Order.IDENTICAL and now in before else order

    def note(self, account: int, amc: int, printed: tuple[str, str], *, found: bool) -> None:
        """It has been typed, and somebody was found or not."""
        now = hash((amc, printed))
        self._last[account] = printed
        self._lately[account] = _newest(self._lately.get(account, ()), now, WAITING)
        if not found:
            self._in_vain[account] = _newest(self._in_vain.get(account, ()), now, IN_VAIN)

    def forget(self, account: int) -> None:
        """Compare what this account types next with nothing."""
        self._last.pop(account, None)
        self._lately.pop(account, None)
        self._in_vain.pop(account, None)


def _newest(kept: tuple[int, ...], now: int, most: int) -> tuple[int, ...]:
    if now in kept:
        kept = tuple([each for each in kept if each != now])
    return (*kept, now)[-most:]


NOTHING = ("", "")


def order_of(last: tuple[str, str], now: tuple[str, str]) -> Order:
    """The code of (member number, birth date as eight digits) typed after another."""
    (last_number, last_date), (number, date) = last, now
    if not last_number or not number:
        return Order.NONE
    if number == last_number:
        if date == last_date:
            return Order.IDENTICAL
        return Order.NEAR if _next_day(last_date, date) else Order.SAME_CONTRACT
    return Order.NEAR if _next_number(last_number, number) else Order.NONE


def _next_day(last: str, now: str) -> bool:
    # Within a family nobody else is born the day before or after.
    return last[:6] == now[:6] and abs(int(last[6:]) - int(now[6:])) == 1


def _next_number(last: str, now: str) -> bool:
    # Neighbours share all but their ends, carries apart: three characters are compared.
    if len(last) != len(now) or last[:-TAIL] != now[:-TAIL]:
        return False
    one, other = last[-TAIL:], now[-TAIL:]
    if _shape(one) != _shape(other):
        return False
    return abs(int(_digits(one) or 0) - int(_digits(other) or 0)) <= BESIDE


def _digits(number: str) -> str:
    return "".join(each for each in number if "0" <= each <= "9")


def _shape(number: str) -> str:
    """The number without its digits' values: other letters, another series."""
    return "".join("0" if "0" <= each <= "9" else each for each in number)
