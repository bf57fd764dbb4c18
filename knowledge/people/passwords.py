"""Passwords: argon2id, long enough, not among the commonest, and never compared in a way that tells who exists."""

from collections.abc import Iterator
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

SHORTEST = 12
LONGEST = 256

# The commonest of at least twelve characters, from published counts of leaked passwords; shorter ones are refused anyway.
_COMMON = frozenset(
    """123456789012 1234567890123 12345678910 123456789123 1q2w3e4r5t6y password1234 passwordpassword password12345
    qwertyuiop12 qwertyuiop123 qwerty123456 administrator letmeinletmein iloveyou1234 welcome12345 changeme1234
    changemechangeme abcdefghijkl abcdefghijklm 000000000000 111111111111 1qaz2wsx3edc 1qaz2wsx3edc4rfv qazwsxedcrfv
    asdfghjkl123 trustno1trustno1 unbelievable manchesterunited correcthorsebatterystaple loyaltycommons
    loyalty-commons""".split()
)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19456, parallelism=1),))


@cache
def nobody() -> str:
    """A hash that no password fits, verified for unknown accounts so that they take as long as known ones."""
    return _hasher().hash("nobody has this password \x00")


def hashed(password: str) -> str:
    """The argon2id hash to store (19456 KiB, t=2, p=1)."""
    return _hasher().hash(password)


def matches(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether the password fits, and a better hash to store when the parameters have moved on. Takes about 30 ms of CPU."""
    if len(password) > LONGEST:
        password = ""
    fits, better = _hasher().verify_and_update(password, stored or nobody())
    return (fits and stored is not None), better if stored else None


def weaknesses(password: str, email: str, name: str) -> Iterator[str]:
    """What is wrong with a new password, in words for the person who chose it."""
    if len(password) < SHORTEST:
        yield f"A password has at least {SHORTEST} characters; a sentence is good."
    elif len(password) > LONGEST:
        yield f"A password has at most {LONGEST} characters."
    elif password.lower() in _COMMON or len(set(password)) < 5:
        yield "This password is among the first that anyone would try."
    elif password.lower() in {email, name.lower(), email.partition("@")[0]}:
        yield "This password is your name or address."
