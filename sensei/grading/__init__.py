"""Marking: a whole class, without running what learners wrote beside their fills."""
