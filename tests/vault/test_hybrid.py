"""Sealing to a public key: what opens it, and everything that does not."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.thorough import FEW_CASES
from vault import Unreadable, signatures
from vault.hybrid import PUBLIC_SIZE, SEED_SIZE, PrivateKey, PublicKey, derive, new_key, open_small, seal_small

MINE, ANOTHER = PrivateKey.generate(), PrivateKey.generate()


@FEW_CASES
@given(plain=st.binary(max_size=2000), info=st.binary(max_size=100))
def test_what_is_sealed_to_a_key_opens_with_it(plain: bytes, info: bytes) -> None:
    sealed = PublicKey.from_bytes(MINE.public.to_bytes()).seal(plain, info=info)
    assert MINE.open(sealed, info=info) == plain
    assert len(sealed) == len(plain) + 1136


def test_it_opens_with_no_other_key_for_nothing_else_and_not_when_altered() -> None:
    sealed = MINE.public.seal(b"plain", info=b"case 1")
    altered = [
        sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :] for place in (0, 5, 1100, len(sealed) - 1)
    ]
    for key, given_, info in [
        (ANOTHER, sealed, b"case 1"), (MINE, sealed, b"case 2"), (MINE, sealed[:-1], b"case 1"), (MINE, b"", b"case 1"),
        *((MINE, each, b"case 1") for each in altered),
    ]:  # fmt: skip
        with pytest.raises(Unreadable):
            key.open(given_, info=info)


def test_half_of_a_private_key_opens_nothing() -> None:
    """Both parts are needed: whoever breaks one of the two problems holds half a key."""
    sealed = MINE.public.seal(b"plain", info=b"")
    for half in (MINE.seed[:64] + ANOTHER.seed[64:], ANOTHER.seed[:64] + MINE.seed[64:]):
        with pytest.raises(Unreadable):
            PrivateKey.from_seed(half).open(sealed, info=b"")


def test_a_seed_gives_the_same_key_again() -> None:
    assert len(MINE.seed) == SEED_SIZE
    assert PrivateKey.from_seed(MINE.seed).public.to_bytes() == MINE.public.to_bytes()


@pytest.mark.parametrize("raw", [b"", bytes(PUBLIC_SIZE - 1), bytes(PUBLIC_SIZE + 1), b"\xff" * PUBLIC_SIZE])
def test_what_is_no_public_key_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        PublicKey.from_bytes(raw)


@pytest.mark.parametrize("size", [0, SEED_SIZE - 1, SEED_SIZE + 1])
def test_what_is_no_seed_is_refused(size: int) -> None:
    with pytest.raises(Unreadable):
        PrivateKey.from_seed(bytes(size))


def test_a_private_key_is_neither_shown_nor_pickled() -> None:
    assert MINE.seed.hex()[:8] not in repr(MINE)
    with pytest.raises(TypeError):
        pickle.dumps(MINE)


@FEW_CASES
@given(plain=st.binary(max_size=200), aad=st.binary(max_size=50), wrong=st.binary(max_size=60))
def test_small_things_open_under_their_key_and_place_alone(plain: bytes, aad: bytes, wrong: bytes) -> None:
    key = new_key()
    sealed = seal_small(key, plain, aad)
    assert open_small(key, sealed, aad) == plain
    for other_key, other_sealed, other_aad in [(new_key(), sealed, aad), (key, wrong, aad), (key, sealed, aad + b"!")]:
        with pytest.raises(Unreadable):
            open_small(other_key, other_sealed, other_aad)


def test_derived_keys_differ_by_what_they_are_for() -> None:
    secret = new_key()
    assert derive(secret, info=b"a", length=96)[:32] != derive(secret, info=b"b", length=32)
    assert len(derive(secret, info=b"a", length=96)) == 96


def test_a_signature_holds_for_its_data_and_key_alone() -> None:
    seed = signatures.new_seed()
    public, signature = signatures.public_of(seed), signatures.sign(seed, b"data")
    assert signatures.verify(public, b"data", signature)
    for args in [
        (public, b"Data", signature), (signatures.public_of(signatures.new_seed()), b"data", signature),
        (public, b"data", b""), (b"", b"data", signature), (public, b"data", bytes(64)),
    ]:  # fmt: skip
        assert not signatures.verify(*args)
