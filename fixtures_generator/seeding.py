"""Turn a seed and an index into bits that look random and are the same everywhere.

Plain integer arithmetic instead of `random.Random`: any offer can be computed without those before it, and no
version of Python can change the stream.
"""

from hashlib import blake2b

MASK_64 = (1 << 64) - 1


def salt(seed: int, purpose: str) -> int:
    """Return the 64 bits that stand for one purpose under one seed."""
    return int.from_bytes(blake2b(f"{seed}:{purpose}".encode(), digest_size=8).digest(), "little")


def mix(number: int) -> int:
    """Scatter a number over 64 bits, no two below 2**64 to the same place (the finaliser of SplitMix64)."""
    number &= MASK_64
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 & MASK_64
    number = (number ^ number >> 27) * 0x94D049BB133111EB & MASK_64
    return number ^ number >> 31
