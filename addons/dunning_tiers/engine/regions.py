"""Tables that lead from the state of an address to its holidays and its time zone."""

from __future__ import annotations


def _table(**rows: str) -> dict[str, str]:
    return {code: region for region, codes in rows.items() for code in codes.split()}


# Addresses name the province, public holidays go by autonomous community
# (ISO 3166-2:ES).
_SPAIN = _table(
    AN="AL CA CO GR H J MA SE",
    AR="HU TE Z",
    AS="O",
    CB="S",
    CE="CE",
    CL="AV BU LE P SA SG SO VA ZA",
    CM="AB CR CU GU TO",
    CN="GC TF",
    CT="B GI L T",
    EX="BA CC",
    GA="C LU OR PO",
    IB="PM",
    MC="MU",
    MD="M",
    ML="ME",
    NC="NA",
    PV="BI SS VI",
    RI="LO",
    VC="A CS V",
)

STATE_SUBDIVISION: dict[str, dict[str, str]] = {"ES": _SPAIN}

# Where the country as a whole has few holidays and addresses seldom name the region,
# the holidays of the region where most people live.
DEFAULT_SUBDIVISION: dict[str, str] = {"GB": "ENG"}

# Countries with several time zones whose first one in the tz database is not that of
# most of its people.
COUNTRY_ZONE: dict[str, str] = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KZ": "Asia/Almaty",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
}

# The zone of most people of the state, where that is not the one of the country.
STATE_ZONE: dict[str, dict[str, str]] = {
    "AU": {
        "ACT": "Australia/Sydney",
        "NSW": "Australia/Sydney",
        "NT": "Australia/Darwin",
        "QLD": "Australia/Brisbane",
        "SA": "Australia/Adelaide",
        "TAS": "Australia/Hobart",
        "VIC": "Australia/Melbourne",
        "WA": "Australia/Perth",
    },
    "CA": {
        "AB": "America/Edmonton",
        "BC": "America/Vancouver",
        "MB": "America/Winnipeg",
        "NB": "America/Halifax",
        "NL": "America/St_Johns",
        "NS": "America/Halifax",
        "NT": "America/Edmonton",
        "PE": "America/Halifax",
        "SK": "America/Regina",
        "YT": "America/Whitehorse",
    },
    "ES": {"GC": "Atlantic/Canary", "TF": "Atlantic/Canary"},
    "US": {
        **dict.fromkeys(
            "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI".split(),
            "America/Chicago",
        ),
        **dict.fromkeys("CO ID MT NM UT WY".split(), "America/Denver"),
        **dict.fromkeys("CA NV OR WA".split(), "America/Los_Angeles"),
        "AK": "America/Anchorage",
        "AZ": "America/Phoenix",
        "HI": "Pacific/Honolulu",
        "PR": "America/Puerto_Rico",
    },
}
