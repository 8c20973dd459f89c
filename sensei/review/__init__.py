"""Koans asked again on other days: `pytest --review`."""
