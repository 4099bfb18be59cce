"""Imports: datasets that were made elsewhere come in as masklets, all of them or none, and can be taken back."""
