"""Files of records, of every format that offices keep: into Parquet once, labels and all."""
