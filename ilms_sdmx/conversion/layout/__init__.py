"""Layout: where the tables of a workbook are, and what heads their rows and columns."""
