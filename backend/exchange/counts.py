"""Numbers with their nouns, for the terminal."""


def counted(count: int, noun: str) -> str:
    """Such as "1 mask" and "2,000 masks"."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"
