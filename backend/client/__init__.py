"""A typed Python client of a running Maskloom: `from backend.client.maskloom import Maskloom`."""
