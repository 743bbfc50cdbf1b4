"""Rules along time: jumps, shifts of a whole table, slips by a power of ten."""
