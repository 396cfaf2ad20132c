"""Accounts and sign-in: an OpenID provider for the portal and for machine clients."""
