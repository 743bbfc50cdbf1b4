"""Exchange of mappings with other SDMX software: structure maps and representation maps."""
