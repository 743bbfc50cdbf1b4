"""Sections of a drafted mapping file, as lines with the evidence and the questions."""
