"""Polite, cached GET requests: the only place where the library meets the network."""
