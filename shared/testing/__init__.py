"""What tests of every service use. Servers to test against are fixtures of the conftest.py at the root."""
