from .stating import stated_records as stated_records
