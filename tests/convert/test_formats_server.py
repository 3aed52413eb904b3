"""Pictures of numbers against a model of them: what the T-SQL writes is what decimal arithmetic says."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from random import Random

import pytest

from tests.convert.scopes import Columns
from wizard.convert.dialect import parse_expression
from wizard.convert.expressions import translate_value
from wizard.sqlserver.connection import ServerSession

pytestmark = pytest.mark.server
WHOLE = ["0", "#", "00", "#0", "##", "0000", "#,##0", "#,###", "##,##0"]
DECIMALS = ["", ".", ".0", ".00", ".#", ".##", ".0#", ".00##", ".000"]
LITERALS = [("", ""), ("$", ""), ("", " kg"), ("(", ")"), ("", "%")]
NUMBERS = [
    "1", "12", "999.995", "1234.5", "1000000", "123456.789", "1.5", "2.675", "9.9999", "12345.6789", "1000.05", "7.25",
]  # fmt: skip
"""none is below 1: the stand-in writes money of 0 as $.00"""


def shown(number: Decimal, whole: str, decimals: str, before: str, after: str) -> str:
    """What a picture of one section shows, by the VBA reference."""
    places = len(decimals) - 1 if decimals else 0
    size = abs(number) * (100 if "%" in after else 1)
    rounded = size.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    digits, _, fraction = f"{rounded:f}".partition(".")
    sure = decimals.rfind("0") if "0" in decimals else 0
    while len(fraction) > sure and fraction.endswith("0"):
        fraction = fraction[:-1]
    plain = whole.replace(",", "")
    digits = digits.lstrip("0").rjust(len(plain[plain.find("0") :]) if "0" in plain else 0, "0")
    if "," in whole:
        digits = f"{int(digits):,}"
    sign = "-" if number < 0 and rounded else ""
    return f"{sign}{before}{digits}{'.' if decimals else ''}{fraction}{after}"


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("kind", ["{}", "CCur({})", "CDec({})", "CSng(1) * {}"])
def test_a_picture_shows_what_the_model_shows(number: str, kind: str, session: ServerSession) -> None:
    random = Random(number + kind)
    exact = Decimal(number).quantize(Decimal("0.0001"), ROUND_HALF_UP) if "CCur" in kind else Decimal(number)
    expected, listed = {}, []
    for _ in range(25):
        whole, decimals, around = random.choice(WHOLE), random.choice(DECIMALS), random.choice(LITERALS)
        sign = random.choice(["", "-"])
        picture = f"{around[0]}{whole}{decimals}{around[1]}"
        call = f'Format({sign}{kind.format(number)}, "{picture}")'
        if call in expected:
            continue
        expected[call] = shown(-exact if sign else exact, whole, decimals, *around)
        listed.append(str(translate_value(parse_expression(call), Columns()).node))
    found = session.query(f"SELECT {', '.join(listed)}")[0]
    assert dict(zip(expected, found, strict=True)) == expected
