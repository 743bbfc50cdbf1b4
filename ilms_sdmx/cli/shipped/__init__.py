"""Commands that show what is shipped: structures, labels, examples."""
