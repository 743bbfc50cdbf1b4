"""Checks: what is looked at before data sets are written, or roles are believed."""
