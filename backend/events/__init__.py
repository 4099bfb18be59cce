"""The event bus, which tells listeners that a video changed. What changed is always read from Postgres."""
