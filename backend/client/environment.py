"""What clients are told by the environment."""

TOKEN_VARIABLE = "MASKLOOM_API_TOKEN"
"""It has the API token: other users of the machine can read arguments, but no environment."""
