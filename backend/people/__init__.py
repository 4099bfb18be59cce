"""People: signing in, accounts, members, invitations, API tokens, and the trail of who changed what."""
