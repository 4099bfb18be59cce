"""What is stored of a password costs whoever guesses as much memory and time as Argon2's authors advise."""

from tests.backend.people.conftest import AS_SHIPPED


def test_a_hash_takes_64_megabytes_three_times_over() -> None:
    stored = AS_SHIPPED.hash("correct horse")
    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert AS_SHIPPED.verify("correct horse", stored)
    assert not AS_SHIPPED.verify("wrong horse", stored)
