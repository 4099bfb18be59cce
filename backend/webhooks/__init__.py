"""Webhooks: other programs are told, signed and at least once, what happens in a project."""
