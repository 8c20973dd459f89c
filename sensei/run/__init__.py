"""Runs learners' code, and is the only place that does."""
