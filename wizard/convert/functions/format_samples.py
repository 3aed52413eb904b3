"""What Format shows: the whole language of pictures, a sample for each sign and name.

Values are those of the VBA reference, and of what Windows gives for pictures that the reference leaves open.
"""

from __future__ import annotations

from typing import Final

_DAY: Final = "#2024-02-09 13:05:09#"


def _shown(value: str, pictures: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Samples of one value, by picture."""
    quoted = ((p.replace('"', '""'), result) for p, result in pictures.items())
    return tuple((f'Format({value}, "{p}")', result) for p, result in quoted)


DATES_SHOWN: Final = (
    *_shown(_DAY, {
        "General Date": "2/9/2024 1:05:09 PM", "Long Date": "Friday, February 9, 2024", "Medium Date": "09-Feb-24",
        "Short Date": "2/9/2024", "Long Time": "1:05:09 PM", "Medium Time": "01:05 PM", "Short Time": "13:05",
        "c": "2/9/2024 1:05:09 PM", "d dd ddd": "9 09 Fri", "ddddd": "2/9/2024", "dddddd": "Friday, February 9, 2024",
        "w ww": "6 6", "m mm mmm mmmm": "2 02 Feb February", "q y yy yyyy": "1 40 24 2024", "yyy": "2440",
        "h hh n nn s ss": "13 13 5 05 9 09", "hh:mm": "13:05", "hh:mm:ss mm": "13:05:09 02", "h m": "13 5",
        "ttttt": "1:05:09 PM", "h AM/PM": "1 PM", "h am/pm": "1 pm", "hA/P": "1P", "ha/p": "1p", "h AMPM": "1 PM",
        "yyyy-mm-ddThh:nn": "2024-02-09T13:05", '"day "d \\d\\e m': "day 9 de 2", "yyyy0#": "20240#",
    }),
    *_shown("#2024-02-09#", {"General Date": "2/9/2024", "ww": "6", "h:nn AM/PM": "12:00 AM"}),
    *_shown("#13:05:09#", {"General Date": "1:05:09 PM"}),
    *_shown("45331", {"yyyy-mm-dd": "2024-02-09"}), *_shown('"2024-02-09"', {"d/m/yyyy": "9/2/2024"}),
    *_shown('"later"', {"yyyy": "later"}), *_shown("Null", {"yyyy": ""}),
    ('Format(#2024-12-30#, "ww", 2, 2)', "1"), ('Format(#2024-02-09#, "w", 2)', "5"),
)  # fmt: skip
NUMBERS_SHOWN: Final = (
    *_shown("1234.5", {
        "General Number": "1234.5", "Currency": "$1,234.50", "Euro": "€1,234.50", "Fixed": "1234.50",
        "Yes/No": "Yes", "True/False": "True", "On/Off": "On", "#,##0.0 kg": "1,234.5 kg", "0": "1235", "#": "1235",
        "0.0#": "1234.5", "0.###": "1234.5", "00000.00": "01234.50", "#,##0": "1,235", "#,##0,": "1",
        "$#,##0.00": "$1,234.50", "(0)": "(1235)", "0 %": "123450 %", '"n: "0': "n: 1235", "\\#0": "#1235",
        "0.00;(0.00)": "1234.50", "0;;\\Z": "1235", "+0": "+1235", "0'0": "123'5",
        "#,##0.000": "1,234.500", "0d": "1235d",
    }),
    *_shown("-1234.5", {
        "Fixed": "-1234.50", "Standard": "-1,234.50", "Percent": "-123450.00%", "0.00;(0.00)": "(1234.50)",
        "$0.0": "-$1234.5", "0;;\\Z": "-1235", '"pos";"neg"': "neg", "#.##": "-1234.5", "0;#": "1235",
    }),
    *_shown("0", {
        "Yes/No": "No", "On/Off": "Off", "#": "", "#.#": ".", "0;(0);\\Z": "Z", "0;0;#": "", '"pos";"neg"': "pos",
        ".00": ".00",
    }),
    *_shown("1", {"#.#": "1.", "0.": "1.", "00\\c\\o\\p\\y": "01copy", "0.0": "1.0", "#00000000": "00000001"}),
    *_shown("0.17", {"#.00": ".17", ".0": ".2", "0%": "17%", "#.##%": "17.%"}),
    *_shown("1.005", {"0.00": "1.01"}), *_shown("2.5", {"0": "3"}), *_shown("CCur(2.675)", {"0.00": "2.68"}),
    *_shown("5551234", {"000-0000": "555-1234", "(000) 000-0000": "(000) 555-1234"}),
    *_shown("1330", {"00\\:00": "13:30"}),
    *_shown("25551234", {"000-0000": "2555-1234"}), *_shown("123456789", {"#,#.#": "123,456,789.", "0,,.0": "123.5"}),
    *_shown('"12"', {"0.00": "12.00", "000": "012"}), *_shown('"twelve"', {"0.00": "twelve"}),
    *_shown('Trim("12")', {"0.00": "12.00"}), *_shown('Trim("")', {"0.00": ""}), *_shown('Trim("x1")', {"000": "x1"}),
    *_shown("Null", {"0.00": "", '0;0;0;"none"': "none"}), *_shown("#1900-01-01#", {"0.0": "2.0"}),
    ('Format(5, IIf(2 > 1, "0.0", "0") & "%")', "500.0%"), ('Format(5, "0." & String(2, "0"))', "5.00"),
    ('Format(5, Switch(2 < 1, "0", True, "00"))', "05"), ('Format(5, Choose(2, "0", "0.0"))', "5.0"),
)  # fmt: skip
TEXTS_SHOWN: Final = (
    *_shown('"testing"', {
        "@": "testing", "&": "testing", "\\x@\\x@": "xtxesting", "@\\x": "txesting", "@@@@@@@@": " testing",
        "@\\x@@@@@@@": " xtesting", "&&&&&&&&": "testing", "!@@@@@@@@": "testing ", ">&&": "TESTING", "<": "testing",
        "@;none": "testing", '"is "': "is testing",
    }),
    *_shown('"8888888"', {"(@@@)&&&-&&&&": "(   )888-8888", "(&&&)&&&-&&&&": "()888-8888", "@@@-@@@@": "888-8888"}),
    *_shown('""', {"@;none": "none", "@@": "  ", "&&": ""}), *_shown("Null", {"@;none": "none", ">": ""}),
    *_shown("12", {"@@@@": "  12", "!@@@@": "12  "}), *_shown('"Straw"', {"<": "straw"}),
)  # fmt: skip
