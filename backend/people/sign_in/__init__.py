"""Signing in by password, OpenID provider or one-time link, and the browsers that are signed in."""
