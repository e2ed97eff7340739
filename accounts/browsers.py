"""Which browser has signed in to which account before, so that a stranger's wrong guesses do not lock its owner out.

A long-lived cookie that proves nothing by itself: it only gives the browser a count of its own (OWASP "device cookie").
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

SALT = "accounts.browsers"
LASTS = timedelta(days=180)
ACCOUNTS_AT_MOST = 8


def known_as(request: HttpRequest, email: str) -> str | None:
    """The browser's own name, if it has signed in to this account before."""
    name, accounts = _read(request)
    return name if name and _digest(email) in accounts else None


def remember(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Note on the browser that it has signed in to this account."""
    name, accounts = _read(request)
    latest = [_digest(email), *(each for each in accounts if each != _digest(email))][:ACCOUNTS_AT_MOST]
    response.set_signed_cookie(
        settings.BROWSER_COOKIE_NAME,
        "|".join([name or secrets.token_urlsafe(16), *latest]),
        salt=SALT,
        max_age=int(LASTS.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Show this browser its pages in the language from the next one on, signed in or not."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def label(request: HttpRequest) -> str:
    """A browser in a few words for its owner's list of sessions: `Firefox · Windows`. Empty for what is unknown."""
    agent = request.headers.get("User-Agent", "")
    browsers = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
    systems = (
        ("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    )  # fmt: skip
    found = [next((name for mark, name in known if mark in agent), "") for known in (browsers, systems)]
    return " · ".join(each for each in found if each)


def _read(request: HttpRequest) -> tuple[str, list[str]]:
    value = request.get_signed_cookie(
        settings.BROWSER_COOKIE_NAME, default="", salt=SALT, max_age=int(LASTS.total_seconds())
    )
    name, *accounts = (value or "").split("|")
    return name, accounts


def _digest(email: str) -> str:
    """No address in a cookie: a keyed digest of it."""
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:32]
