"""Bridges: data sets to and from the objects of other libraries."""
