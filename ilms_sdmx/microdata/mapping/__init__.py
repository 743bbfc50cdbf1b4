"""The mapping of records to tables: variables and roles, codes, who is counted, the design."""
