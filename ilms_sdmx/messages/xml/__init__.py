"""SDMX-ML data messages."""
