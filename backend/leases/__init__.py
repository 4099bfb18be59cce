"""Who holds which piece of work: the fence that every write of annotation passes, in the transaction that writes."""
