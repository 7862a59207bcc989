"""Parts of countries that laws name and addresses do not. Pure.

Addresses carry a state of the list in the database, which for some countries holds counties
in place of nations, a province once in each language, or another spelling.
"""

#: (country, name in lower case) -> codes of the states of addresses that lie in it.
REGIONS = {
    ("CH", "ticino"): ("TI", "TI-IT"),
    ("GB", "northern ireland"): ("D5", "D7", "D9", "E3", "E5", "E7"),
    ("GB", "scotland"): tuple(
        "A1 A5 A7 B1 B3 B9 C3 C9 F9 G1 G5 H1 I7 I9 J1 J3 J5 J7 J9 K1 K3 K5 K7 K9 L1 L2 L5 "
        "L7 M1 M3 M5 M7 M9 N1 N3 N5 N7 O7 O9 P1 P3 Q7 R1 R3 S9 T1 T5 T7 T9 U3 V7 W3 X1 "
        "X9".split()
    ),
    ("IN", "chhattisgarh"): ("CG",),
    ("US", "us virgin islands"): ("VI",),
}


def codes_of(country: str, name: str) -> tuple[str, ...]:
    """Codes of the states of a region; empty when the name is that of a state."""
    return REGIONS.get((country, name.strip().lower()), ())


def name_of(country: str, codes) -> str | None:
    """The name of the region that consists of these states, None when there is none."""
    wanted = set(codes)
    for (region_country, name), region_codes in REGIONS.items():
        if (
            len(wanted) > 1
            and region_country == country
            and set(region_codes) == wanted
        ):
            return name.title()
    return None
