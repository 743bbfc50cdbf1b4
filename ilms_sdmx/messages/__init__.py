"""Messages: every SDMX data format read into data sets and written from them."""
