"""Where a page may send people next: a path of this portal, nothing else."""

from django.utils.http import url_has_allowed_host_and_scheme


def is_local(url: str | None) -> bool:
    """Whether `url` is an absolute path here. Another host, a scheme, `//host` and `/\\host` are not."""
    return bool(url) and str(url).startswith("/") and url_has_allowed_host_and_scheme(str(url), allowed_hosts=None)


def local_or(url: str | None, otherwise: str) -> str:
    """`url` if it is a path here, else `otherwise`."""
    return str(url) if is_local(url) else otherwise
