"""Rules of validation, one module a kind; each takes coded tables and gives findings."""
