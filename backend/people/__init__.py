"""People: signing in, accounts, members, invitations, API tokens and the audit trail."""
