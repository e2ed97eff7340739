"""The check digit of a 法人番号: real numbers pass, and what it can and cannot catch."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.corporate_number import corporate_number_check_digit, validate_corporate_number

# Published by the National Tax Agency's register.
REAL = {
    "国税庁": "7000012050002",
    "経済産業省": "4000012090001",
    "財務省": "8000012050001",
    "総務省": "2000012020001",
    "厚生労働省": "6000012070001",
    "文部科学省": "7000012060001",
    "デジタル庁": "8000012130001",
    "産業技術総合研究所": "7010005005425",
    "トヨタ自動車": "1180301018771",
    "ソニーグループ": "5010401067252",
    "日立製作所": "7010001008844",
    "日本電信電話": "7010001065142",
}

WRONG = {
    "": "format",
    "700001205000": "format",
    "70000120500021": "format",
    "７００００１２０５０００２": "format",
    "7000-01205000": "format",
    "700001205000x": "format",
    "6000012050002": "check_digit",
    "7000012050003": "check_digit",
    "0000012050002": "check_digit",
}

twelve_digits = st.text("0123456789", min_size=12, max_size=12)


@pytest.mark.parametrize("number", REAL.values(), ids=REAL.keys())
def test_published_numbers_are_accepted(number: str) -> None:
    validate_corporate_number(number)


@pytest.mark.parametrize(("number", "code"), WRONG.items(), ids=list(WRONG))
def test_anything_else_is_refused_with_its_reason(number: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_corporate_number(number)
    assert refused.value.code == code


@given(twelve_digits)
def test_a_check_digit_is_one_to_nine(twelve: str) -> None:
    assert 1 <= corporate_number_check_digit(twelve) <= 9


@given(twelve_digits, st.integers(0, 12), st.sampled_from("0123456789"))
def test_a_single_wrong_digit_is_caught_unless_it_is_nought_for_nine(twelve: str, place: int, digit: str) -> None:
    """Weights 1 and 2 are coprime to 9, so a change escapes only where the digits agree modulo 9: 0 and 9."""
    number = f"{corporate_number_check_digit(twelve)}{twelve}"
    wrong = number[:place] + digit + number[place + 1 :]
    escapes = place > 0 and {digit, number[place]} == {"0", "9"}
    if wrong == number or escapes:
        validate_corporate_number(wrong)
    else:
        with pytest.raises(ValidationError):
            validate_corporate_number(wrong)
