"""The second step of signing in, for somebody whose factors were taken away while they stood there."""

from __future__ import annotations

from allauth.mfa import stages
from django.http import HttpRequest


class AuthenticateStage(stages.AuthenticateStage):  # type: ignore[misc]
    """allauth's, but it is not gone on with where there is nothing to prove with any more.

    The sign-in page would lead to this step and this step back to it, for as long as the password counts as given.
    """

    def is_resumable(self, request: HttpRequest) -> bool:
        resumable: bool = self._should_handle(request)
        return resumable
