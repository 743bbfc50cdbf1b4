"""The mapping file: what may be in it, and how it is read."""
