"""The ways in: a password, an OpenID provider, a one-time link; and the browsers that are signed in."""
