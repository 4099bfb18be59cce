"""The models a server offers: which there are, and which are in memory."""
