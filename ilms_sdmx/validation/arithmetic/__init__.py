"""Arithmetic of validation: which codes add up to which, whether they do, and causes."""
