"""What is learnt about data sets: next to others, what is missing, what tells of persons."""
