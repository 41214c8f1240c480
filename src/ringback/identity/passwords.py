"""argon2id, off the event loop and at most two at a time: a guess costs the guesser, not everybody else."""

from __future__ import annotations

import asyncio
import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ringback.domain.errors import Invalid
from ringback.identity.rules.log_ins import LONGEST_PASSWORD as LONGEST
from ringback.identity.rules.log_ins import SHORTEST_PASSWORD as SHORTEST


class Passwords:
    """Hashes and checks passwords. `hasher`: with other parameters than argon2-cffi's."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = asyncio.Semaphore(2)

    async def hash(self, password: str) -> str:
        """Return the argon2id hash; raise Invalid (`password-too-short`, `password-too-long`) for one nobody should have."""
        if len(password) < SHORTEST:
            raise Invalid(f"Use at least {SHORTEST} characters.", id="password-too-short", field="password")
        if len(password) > LONGEST:
            raise Invalid(f"Use at most {LONGEST} characters.", id="password-too-long", field="password")
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, password: str, stored: str | None) -> bool:
        """Tell whether the password is the stored one; without one, take as long and say no."""
        async with self._turn:
            return await asyncio.to_thread(self._verify, password[: LONGEST + 1], stored)

    def is_outdated(self, stored: str) -> bool:
        """Tell whether the hash was made with weaker parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    @functools.cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("nobody has this password")

    def _verify(self, password: str, stored: str | None) -> bool:
        nobody = self._nobody  # made by the first check, whoever's it is: what takes longer says nothing
        try:
            self._hasher.verify(stored or nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None
