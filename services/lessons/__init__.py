"""Bells, timetables, holidays, and what differs from them on a day."""
