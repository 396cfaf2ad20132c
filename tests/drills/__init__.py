"""Fault drills: real processes on real servers, something broken on purpose, and a ledger of what must be left."""
