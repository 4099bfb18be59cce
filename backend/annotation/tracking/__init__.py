"""The model server's tracking sessions: where each one is, and what it must hold before it is asked."""
