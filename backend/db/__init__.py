"""The database: the embedded server, the engine, requests' sessions, locks and migrations."""
