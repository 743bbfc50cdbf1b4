"""Mapping: how a table becomes the components of a dataflow, as data."""
