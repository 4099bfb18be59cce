"""The model server's tracking sessions: where each one is, and which objects it must hold before a request."""
