"""What the embedded Postgres needs around its server: programs, a user that is not root, a credential, an upgrade."""
