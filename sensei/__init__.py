"""The path's plugin for pytest; koans import the blank from here."""

from sensei.blank import __ as __

# A star import would skip a name that starts with an underscore.
__all__ = ["__"]
