from .workbook import read_xlsx as read_xlsx
