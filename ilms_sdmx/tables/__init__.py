"""Tables as they stand: workbooks, text files and pages read into cells and figures, nothing guessed."""
