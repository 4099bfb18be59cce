"""Authentication and authorization: who acts, and what they may do."""
