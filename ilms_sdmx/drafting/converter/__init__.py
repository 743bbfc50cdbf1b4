"""Import of the parameter sheets of Eurostat's SDMX Converter as mapping files."""
