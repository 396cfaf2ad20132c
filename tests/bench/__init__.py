"""Measurements: `make bench`. They say nothing about right or wrong, and no test asserts a time."""
