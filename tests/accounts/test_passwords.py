import pytest
from argon2 import PasswordHasher

from knowledge_base.accounts.errors import PasswordRefusedError
from knowledge_base.accounts.passwords import DECOY, check_new_password, hash_password, needs_rehash, verify_password

ITS_OWN = "Password must not be your email address, your name or the name of this site"
EASY = "Password must not be one that is easy to guess or that many people use. Try three random words"


@pytest.fixture(autouse=True)
def cheap_hashes() -> None:
    """Hash as the site does."""


def test_verifies_the_password_that_was_hashed() -> None:
    password_hash = hash_password("three random words")

    assert verify_password("three random words", password_hash)


def test_verifies_no_other_password() -> None:
    password_hash = hash_password("three random words")

    assert not verify_password("three random word", password_hash)


def test_hashes_with_argon2id_and_a_salt_of_its_own_each_time() -> None:
    first, second = hash_password("three random words"), hash_password("three random words")

    assert first.startswith("$argon2id$")
    assert first != second


def test_verifies_accented_letters_however_the_keyboard_composes_them() -> None:
    password_hash = hash_password("\u00e9cole \u00e9cole")

    assert verify_password("e\u0301cole e\u0301cole", password_hash)


def test_verifies_nothing_against_what_is_not_a_hash() -> None:
    assert not verify_password("three random words", "not a hash")


def test_decoy_costs_what_a_new_hash_costs_and_fits_no_password() -> None:
    parameters = DECOY.split("$")[1:4]

    assert parameters == hash_password("three random words").split("$")[1:4]
    assert not needs_rehash(DECOY)
    assert not verify_password("", DECOY)


def test_asks_for_a_new_hash_when_the_parameters_have_changed() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("three random words")

    assert needs_rehash(weak)
    assert not needs_rehash(hash_password("three random words"))


@pytest.mark.parametrize(
    "password", ["twelve  char", "four random words " * 11, "ada byron and more", "correct horse battery"]
)
def test_allows_a_password_of_12_to_200_characters(password: str) -> None:
    check_new_password(password, email="ada@example.gov.uk", name="Ada Byron")


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("", "Enter a password"),
        ("a" * 11, "Password must be 12 characters or more"),
        ("e\u0301" * 11, "Password must be 12 characters or more"),
        ("a" * 201, "Password must be 200 characters or fewer"),
        (
            "Ada.Byron-King@example.gov.uk",
            ITS_OWN,
        ),
        ("ada.byron-king", ITS_OWN),
        ("Ada Byron-King 2026!", ITS_OWN),
        ("GuidanceForStaff1", ITS_OWN),
        ("adabyronkingadabyronking", ITS_OWN),
        (
            "PassWord 1234",
            EASY,
        ),
        (
            "1234567890 qwertyuiop",
            EASY,
        ),
        (
            "aaaaaaaaaaaa",
            EASY,
        ),
        (
            "P@ssw0rd P@ssw0rd",
            EASY,
        ),
        (
            "Football2026",
            EASY,
        ),
        ("November2026", EASY),
        ("Thurrock1234", EASY),
        ("ada BYRON king", ITS_OWN),
        ("AdaByronKing", ITS_OWN),
    ],
)
def test_refuses_a_password_and_says_why(password: str, message: str) -> None:
    with pytest.raises(PasswordRefusedError) as refused:
        check_new_password(
            password, email="ada.byron-king@example.gov.uk", name="Ada Byron King", site_name="Guidance for staff"
        )

    assert str(refused.value) == message
