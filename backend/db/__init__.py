"""The database: the embedded server, the engine, the request's session, migrations."""
