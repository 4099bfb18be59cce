"""Leases: the fence that every write of annotation passes, within the transaction that writes."""
