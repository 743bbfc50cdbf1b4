"""Result: the place of every cell, and the files that are written."""
