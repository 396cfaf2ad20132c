"""Rolls and their corrections: the only owner of absence."""
