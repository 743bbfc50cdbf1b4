"""Comparison: national and international figures side by side."""
