"""Validation: rules over data sets, each finding with its key and cell."""
