"""What every component is drawn with: the library its tag joins, and its template."""

from functools import lru_cache

from django.template import Library
from django.template.loader import get_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = Library()


def draw(template: str, **parameters: object) -> SafeString:
    """The component's template, filled in; it sees its parameters and nothing of the page."""
    return SafeString(get_template(f"components/{template}.html").render(parameters))


@lru_cache(maxsize=1024)
def _remembered(template: str, language: str | None, **parameters: str | int | bool) -> SafeString:
    return draw(template, **parameters)


def drawn_once(template: str, **parameters: str | int | bool) -> SafeString:
    """The same, drawn once in each language: for what stands on many lines and holds nobody's words."""
    return _remembered(template, get_language(), **parameters)


def is_blank(content: str) -> bool:
    return not content.strip()
