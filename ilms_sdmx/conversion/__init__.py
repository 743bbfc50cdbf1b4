"""Conversion: a national workbook to data sets and a report, every cell accounted for."""
