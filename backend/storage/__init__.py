"""Where proxies, posters and exports lie: immutable objects under keys the server makes."""
