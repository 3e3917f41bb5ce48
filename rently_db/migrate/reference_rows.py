"""The reference rows that come with v1: ISO 4217, value sets that live in data, and the first rules.

Rates and thresholds are placeholders until somebody signs them off (``needs_signoff``); a migrated database keeps what it has.
"""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.migrate.actions import literal
from rently_db.migrate.render import marked

# Code:minor units:name, ISO 4217 as amended in 2025; funds, metals and test codes left out: nobody is owed rent in them.
_CURRENCIES = """
AED:2:UAE dirham|AFN:2:Afghani|ALL:2:Lek|AMD:2:Armenian dram|AOA:2:Kwanza|ARS:2:Argentine peso|AUD:2:Australian dollar|AWG:2:Aruban florin
AZN:2:Azerbaijan manat|BAM:2:Convertible mark|BBD:2:Barbados dollar|BDT:2:Taka|BHD:3:Bahraini dinar|BIF:0:Burundi franc
BMD:2:Bermudian dollar|BND:2:Brunei dollar|BOB:2:Boliviano|BRL:2:Brazilian real|BSD:2:Bahamian dollar|BTN:2:Ngultrum|BWP:2:Pula
BYN:2:Belarusian ruble|BZD:2:Belize dollar|CAD:2:Canadian dollar|CDF:2:Congolese franc|CHF:2:Swiss franc|CLP:0:Chilean peso
CNY:2:Yuan renminbi|COP:2:Colombian peso|CRC:2:Costa Rican colon|CUP:2:Cuban peso|CVE:2:Cabo Verde escudo|CZK:2:Czech koruna
DJF:0:Djibouti franc|DKK:2:Danish krone|DOP:2:Dominican peso|DZD:2:Algerian dinar|EGP:2:Egyptian pound|ERN:2:Nakfa|ETB:2:Ethiopian birr
EUR:2:Euro|FJD:2:Fiji dollar|FKP:2:Falkland Islands pound|GBP:2:Pound sterling|GEL:2:Lari|GHS:2:Ghana cedi|GIP:2:Gibraltar pound
GMD:2:Dalasi|GNF:0:Guinean franc|GTQ:2:Quetzal|GYD:2:Guyana dollar|HKD:2:Hong Kong dollar|HNL:2:Lempira|HTG:2:Gourde|HUF:2:Forint
IDR:2:Rupiah|ILS:2:New Israeli sheqel|INR:2:Indian rupee|IQD:3:Iraqi dinar|IRR:2:Iranian rial|ISK:0:Iceland krona|JMD:2:Jamaican dollar
JOD:3:Jordanian dinar|JPY:0:Yen|KES:2:Kenyan shilling|KGS:2:Som|KHR:2:Riel|KMF:0:Comorian franc|KPW:2:North Korean won|KRW:0:Won
KWD:3:Kuwaiti dinar|KYD:2:Cayman Islands dollar|KZT:2:Tenge|LAK:2:Lao kip|LBP:2:Lebanese pound|LKR:2:Sri Lanka rupee
LRD:2:Liberian dollar|LSL:2:Loti|LYD:3:Libyan dinar|MAD:2:Moroccan dirham|MDL:2:Moldovan leu|MGA:2:Malagasy ariary|MKD:2:Denar
MMK:2:Kyat|MNT:2:Tugrik|MOP:2:Pataca|MRU:2:Ouguiya|MUR:2:Mauritius rupee|MVR:2:Rufiyaa|MWK:2:Malawi kwacha|MXN:2:Mexican peso
MYR:2:Malaysian ringgit|MZN:2:Mozambique metical|NAD:2:Namibia dollar|NGN:2:Naira|NIO:2:Cordoba oro|NOK:2:Norwegian krone
NPR:2:Nepalese rupee|NZD:2:New Zealand dollar|OMR:3:Rial omani|PAB:2:Balboa|PEN:2:Sol|PGK:2:Kina|PHP:2:Philippine peso
PKR:2:Pakistan rupee|PLN:2:Zloty|PYG:0:Guarani|QAR:2:Qatari rial|RON:2:Romanian leu|RSD:2:Serbian dinar|RUB:2:Russian ruble
RWF:0:Rwanda franc|SAR:2:Saudi riyal|SBD:2:Solomon Islands dollar|SCR:2:Seychelles rupee|SDG:2:Sudanese pound|SEK:2:Swedish krona
SGD:2:Singapore dollar|SHP:2:Saint Helena pound|SLE:2:Leone|SOS:2:Somali shilling|SRD:2:Surinam dollar|SSP:2:South Sudanese pound
STN:2:Dobra|SVC:2:El Salvador colon|SYP:2:Syrian pound|SZL:2:Lilangeni|THB:2:Baht|TJS:2:Somoni|TMT:2:Turkmenistan manat
TND:3:Tunisian dinar|TOP:2:Pa'anga|TRY:2:Turkish lira|TTD:2:Trinidad and Tobago dollar|TWD:2:New Taiwan dollar|TZS:2:Tanzanian shilling
UAH:2:Hryvnia|UGX:0:Uganda shilling|USD:2:US dollar|UYU:2:Peso uruguayo|UZS:2:Uzbekistan sum|VES:2:Bolivar soberano|VND:0:Dong
VUV:0:Vatu|WST:2:Tala|XAF:0:CFA franc BEAC|XCD:2:East Caribbean dollar|XCG:2:Caribbean guilder|XOF:0:CFA franc BCEAO|XPF:0:CFP franc
YER:2:Yemeni rial|ZAR:2:Rand|ZMW:2:Zambian kwacha|ZWG:2:Zimbabwe Gold
"""

CURRENCIES: tuple[tuple[str, int, str], ...] = tuple(
    (code, int(units), name) for item in "|".join(_CURRENCIES.split("\n")).split("|") if item for code, units, name in [item.split(":")]
)
"""ISO 4217 code, minor units, name."""

STATUS_VALUES: dict[str, tuple[str, ...]] = {
    "risk_level": ("normal", "risk", "default_level_1", "default_level_2"),
    "collections_stage": ("current", "overdue", "default_level_1", "default_level_2", "legal_action", "settled"),
    "legal_action": ("none", "lawyer_letter", "court_filing", "judgement", "small_claims"),
    "operational_status": ("active", "closed", "written_off", "transferred"),
}
"""What a loan's status of each type may be, in order of severity."""

_STAGE_MOVES = {
    "current": ("overdue", "default_level_1"),
    "overdue": ("current", "default_level_1", "default_level_2"),
    "default_level_1": ("current", "overdue", "default_level_2", "legal_action"),
    "default_level_2": ("current", "legal_action", "settled"),
    "legal_action": ("settled", "current"),
}
_FOREVER = "'2020-01-01'"
_BUCKETS = (
    ("Current", 0, 0),
    ("1-7 DPD", 1, 7),
    ("8-30 DPD", 8, 30),
    ("31-60 DPD", 31, 60),
    ("61-90 DPD", 61, 90),
    ("91-180 DPD", 91, 180),
    ("180+ DPD", 181, None),
)
# Days past due from which a class begins. "More than 90" is how the UAE (CBUAE) and IFRS 9 put it.
_CLASSES = (("watch", 0), ("substandard", 90), ("doubtful", 180), ("loss", 365))
_PLACEHOLDER_RATES = (("watch", "0.0100"), ("substandard", "0.2000"), ("doubtful", "0.5000"), ("loss", "1.0000"))
_SETTINGS = (
    ("group_currency", '"SGD"'),
    ("rate_pivot", '"USD"'),
    ("rate_maximum_age_days", "7"),
    ("undrawn_credit_conversion", "0.5"),
)


def _insert(table: str, columns: str, rows: list[str]) -> str:
    return f"INSERT INTO public.{table} ({columns}) VALUES\n" + ",\n".join(f"({row})" for row in rows) + "\nON CONFLICT DO NOTHING"


def seeds_sql() -> Iterator[str]:
    """The reference rows as marked statements. A row that is there, whoever wrote it, is left alone."""
    yield marked(
        "seed", ["currency"], _insert("currency", "code, minor_units, name", [f"'{c}', {u}, {literal(n)}" for c, u, n in CURRENCIES])
    )
    values = [
        f"'{kind}', '{value}', {literal(value.replace('_', ' ').capitalize())}, {nr}"
        for kind, members in STATUS_VALUES.items()
        for nr, value in enumerate(members)
    ]
    yield marked("seed", ["status_value"], _insert("status_value", "status_type, status_value, label, sort", values))
    moves = [
        f"'loan', 'collections_stage', '{before}', '{after}', {_FOREVER}, 'Rently collections policy', false"
        for before, targets in _STAGE_MOVES.items()
        for after in targets
    ]
    rule = "valid_from, source, needs_signoff"
    yield marked("seed", ["status_transition"], _insert("status_transition", f'entity, status_type, "from", "to", {rule}', moves))
    buckets = [
        f"'standard', '{label}', {nr}, int4range({low}, {'NULL' if high is None else high + 1}), {_FOREVER}, 'Rently reporting', false"
        for nr, (label, low, high) in enumerate(_BUCKETS)
    ]
    yield marked("seed", ["dpd_bucket"], _insert("dpd_bucket", f"scheme, label, sort, days, {rule}", buckets))
    classes = [
        f"'{country}', '{name}', {days}, 'more_than', {180 if days >= 90 else 0}, {_FOREVER}, 'placeholder', true"
        for country in ("SG", "AE")
        for name, days in _CLASSES
    ]
    columns = f"country_code, class, threshold_days, operator, probation_days, {rule}"
    yield marked("seed", ["classification_rule"], _insert("classification_rule", columns, classes))
    rates = [
        f"'{country}', '{name}', {rate}, {_FOREVER}, 'placeholder', true" for country in ("SG", "AE") for name, rate in _PLACEHOLDER_RATES
    ]
    yield marked("seed", ["provision_rate"], _insert("provision_rate", f"country_code, class, rate, {rule}", rates))
    settings = [f"'{key}', '{value}', {_FOREVER}, 'placeholder', true" for key, value in _SETTINGS]
    yield marked("seed", ["analytics_setting"], _insert("analytics_setting", f"key, value, {rule}", settings))
