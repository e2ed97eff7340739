"""法人番号: the 13-digit number of a Japanese organisation and its check digit."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


def corporate_number_check_digit(twelve: str) -> int:
    """The check digit of a 13-digit 法人番号 from its last twelve digits.

    9 − (Σ Pn×Qn mod 9) with Qn = 1, 2, 1, 2 … from the right (法人番号の指定等に関する省令 第2条). Arithmetic
    modulo 9 cannot tell 0 from 9: any other single wrong digit is caught, that one is not.
    """
    weighted = sum(int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(reversed(twelve), start=1))
    return 9 - weighted % 9


def validate_corporate_number(value: str) -> None:
    """Raise unless `value` is 13 digits whose first is the check digit of the other twelve."""
    if len(value) != 13 or not value.isascii() or not value.isdigit():
        raise ValidationError(_("法人番号は13桁の数字で入力してください。"), code="format")
    if int(value[0]) != corporate_number_check_digit(value[1:]):
        raise ValidationError(_("法人番号の検査数字が合いません。入力した番号をご確認ください。"), code="check_digit")
