"""Gives templates the component tags (portal/components); a builtin, so that no page has to load it."""

from portal.components import register

__all__ = ["register"]
