"""Arithmetic of a recognised table: sums that agree, shares of 100, percents that come out."""
