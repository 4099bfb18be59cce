"""The model server's HTTP face: sessions, one device thread, JSON Lines."""
