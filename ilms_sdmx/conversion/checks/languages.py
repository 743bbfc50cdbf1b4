"""Note on the languages of a workbook whose labels no native speaker has checked."""

from __future__ import annotations

from ilms_sdmx.findings import Finding, Place, find
from ilms_sdmx.mapping.document import MappingDocument
from ilms_sdmx.tables.cells import Kind, Workbook
from ilms_sdmx.words.languages import all_languages, languages_of


def find_unchecked_languages(workbook: Workbook, mapping: MappingDocument) -> list[Finding]:
    """Note that the labels of this program in some languages were checked by no speaker.

    The languages are those that the mapping declares and those whose letters the texts have.
    """
    by_letters = languages_of(_texts(workbook), "")
    used = {*mapping.conventions.languages, *by_letters}
    names = []
    for each in all_languages():
        if each.review == "none" and each.language in used:
            names.append(each.name)
    if not names:
        return []
    place = Place(workbook.name)
    languages = " and ".join(names)
    return [find("labels-unchecked", place, languages=languages)]


def _texts(workbook: Workbook) -> list[str]:
    """Texts of all sheets, each once, but for western digits, which are of no language."""
    texts: dict[str, None] = {}
    for sheet in workbook:
        of_sheet = [cell.text for cell in sheet if cell.kind is Kind.TEXT]
        texts.update(dict.fromkeys(of_sheet))
    return [text for text in texts if not _is_number(text)]


def _is_number(text: str) -> bool:
    """Whether a text is of western digits alone."""
    return text.isascii() and text.isdecimal()
