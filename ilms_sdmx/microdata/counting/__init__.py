"""Counting of records: the engine, leaves of columns with whole weights, sampling units."""
