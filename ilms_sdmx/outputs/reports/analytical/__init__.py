"""The analytical report: what a database says of migration for work, every figure linked."""
