"""How typed things stand to those typed just before: a small code, and nothing kept.

Guesses are made beside one another: the next number, the next day. Patients are not.
"""

from rempart.domain.trace import Order

BESIDE = 50
"""Numbers closer than this are beside one another; a large insurer has millions."""
TAIL = 3


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
