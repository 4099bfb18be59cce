"""The queue of work: select, annotate, refine and verify tasks, claimed under leases that expire."""
