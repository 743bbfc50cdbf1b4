"""Reports: pages and workbooks that people read, one self-contained file each."""
