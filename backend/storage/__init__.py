"""Storage of proxies, posters and exports: immutable objects under keys that the server makes."""
