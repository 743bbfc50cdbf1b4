"""Checks: sums, shares and claims, and what the mapping leaves unsaid."""
