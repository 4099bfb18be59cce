"""Hash and verify passwords with Argon2, in threads and a few at a time."""

import asyncio
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_AT_ONCE = 2  # a hash takes 64 MiB and a core; a flood of sign-ins must not take all of either

_hasher = PasswordHash((Argon2Hasher(),))


@cache
def _turns() -> asyncio.Semaphore:
    return asyncio.Semaphore(_AT_ONCE)


async def hash_password(password: str) -> str:
    async with _turns():
        return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> bool:
    """Whether the password matches. With nothing stored it takes as long, and returns False."""
    async with _turns():
        matches = await asyncio.to_thread(_hasher.verify, password, stored or _nobodys())
    return matches and stored is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody's password")
