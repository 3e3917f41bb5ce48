"""Names of people, firms, banks and places in Singapore and the United Arab Emirates, from small pools. None is a real person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random


def _listed(text: str) -> tuple[str, ...]:
    """What stands between the commas."""
    return tuple(text.split(", "))


_SG_FAMILY = _listed(
    "Tan, Lim, Lee, Ng, Ong, Wong, Goh, Chua, Chan, Koh, Teo, Ang, Yeo, Sim, Ho, Low, Toh, Kumar, Nair, Rahman, Ismail, Fernandez, Menon"
)
_SG_GIVEN = _listed(
    "Wei Ming, Jia Hui, Xin Yi, Jun Jie, Hui Ling, Kai Wen, Zhi Hao, Mei Xuan, Daniel, Rachel, Amirah, Farhan, Nurul, Priya, Arjun, "
    "Kavitha, Ryan, Grace, Benjamin, Cheryl, Siti, Hafiz, Marcus, Vanessa, Yi Xuan, Shu Fen"
)
_AE_FAMILY = _listed("Al Mansoori, Al Nuaimi, Khan, Haddad, Al Suwaidi, Farouk, Nasser, Sharma, Pillai, Santos, Hussain, Petrov, Saleh")
_AE_GIVEN = _listed("Ahmed, Fatima, Omar, Layla, Yusuf, Mariam, Khalid, Noor, Hassan, Aisha, Rohan, Anjali, Carlos, Elena, Tariq, Sara")

_FIRM_FIRST = _listed("Lion, Merlion, Orchid, Harbour, Straits, Banyan, Sentosa, Pearl, Summit, Equator, Kallang, Bukit, Jade, Temasek")
_FIRM_SECOND = _listed("Logistics, Trading, Design Studio, Foods, Engineering, Fitness, Dental, Interiors, Robotics, Tuition Centre, Cafe")

_SG_STREETS = _listed("Orchard Road, Tampines Street 21, Bedok North Avenue 3, Jurong West Street 52, Holland Drive, Clementi Avenue 2")
_AE_STREETS = _listed("Al Wasl Road, Marina Walk, Sheikh Zayed Road, Al Barsha 1, Jumeirah Village Circle, Business Bay Drive")
_SG_BANKS = ("DBS Bank", "OCBC Bank", "United Overseas Bank", "Standard Chartered Singapore", "Maybank Singapore")
_AE_BANKS = ("Emirates NBD", "First Abu Dhabi Bank", "Mashreq Bank", "Dubai Islamic Bank", "ADCB")


@dataclass(frozen=True, slots=True)
class Locale:
    """What differs between the countries when names are made up."""

    family: Sequence[str]
    given: Sequence[str]
    streets: Sequence[str]
    banks: Sequence[str]
    dial: str
    identity: str
    firm_suffix: str


LOCALES = {
    "SG": Locale(_SG_FAMILY, _SG_GIVEN, _SG_STREETS, _SG_BANKS, "+65 9", "S", "Pte Ltd"),
    "AE": Locale(_AE_FAMILY, _AE_GIVEN, _AE_STREETS, _AE_BANKS, "+971 50 ", "784-", "LLC"),
}
"""Locale by ISO country code."""


def person(rng: Random, locale: Locale) -> str:
    """A full name as it is written in that country: family name first in Singapore, last in the Emirates."""
    family, given = rng.choice(locale.family), rng.choice(locale.given)
    return f"{family} {given}" if locale.dial == "+65 9" else f"{given} {family}"


def firm(rng: Random, locale: Locale) -> str:
    """The name of a small company."""
    return f"{rng.choice(_FIRM_FIRST)} {rng.choice(_FIRM_SECOND)} {locale.firm_suffix}"


def email(rng: Random, name: str) -> str:
    """An address under example.com, which nobody can receive mail at."""
    return f"{'.'.join(name.lower().split())}{rng.randrange(10_000)}@example.com"


def phone(rng: Random, locale: Locale) -> str:
    """A phone number in international form."""
    return f"{locale.dial}{rng.randrange(10**7):07d}"


def address(rng: Random, locale: Locale) -> str:
    """A street address, for a description of a property."""
    return f"{rng.randrange(1, 400)} {rng.choice(locale.streets)} #{rng.randrange(1, 30):02d}-{rng.randrange(1, 200):02d}"
