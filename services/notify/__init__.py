"""Tells people what happened, the way they wished, once."""
