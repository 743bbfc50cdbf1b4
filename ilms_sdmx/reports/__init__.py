"""Reports for people: self-contained HTML pages, annotated workbooks, charts."""
