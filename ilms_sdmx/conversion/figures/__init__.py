"""Figures: what is printed in the tables, with headings, buckets and values."""
