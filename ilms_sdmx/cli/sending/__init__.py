"""Commands for what leaves the office."""
