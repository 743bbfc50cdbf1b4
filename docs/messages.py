"""Message catalogues: `python docs/messages.py` renews `dsd/locale/` after a text was changed.

Translations of texts that are said no more go; one whose English text was changed is marked `fuzzy`, and is not used
until a person has looked at it. `python docs/messages.py LANGUAGE` prints the catalogue of a language with every
text, also those to be translated, for an editor of catalogues.
"""

from __future__ import annotations

import io
import re
import sys
from difflib import get_close_matches
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from ilms_sdmx.findings.languages import texts_of_findings
from ilms_sdmx.outputs.reports.catalogues import texts_of_reports

FOLDER = Path(__file__).parents[1] / "dsd" / "locale"
#: First entry of a catalogue: empty text, and what is to be known of the file.
HEAD = re.compile(r'\A(#[^\n]*\n)*msgid ""\nmsgstr ""\n("[^\n]*\n)+')
NEW = """\
# Messages of ilms_sdmx, {name}. See docs/how-to/translate.md; X-Checked-By names the native speaker who has read all.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"X-Checked-By: \\n"
"""


def template() -> Catalog:
    """Every English text, with where it is said; words of reports have their key as context."""
    catalog = Catalog()
    for key, text in texts_of_reports().items():
        catalog.add(text, context=key)
    for text, said in texts_of_findings():
        catalog.add(text, auto_comments=[said])
    return catalog


def renewed(path: Path, english: Catalog, every: bool = False) -> bytes:
    """Bytes of a catalogue: what is translated of the texts of today, or every text."""
    language = path.stem
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    catalog = read_po(io.BytesIO(text.encode()), locale=language)
    catalog.update(english, no_fuzzy_matching=True, update_creation_date=False)
    mark_changed(catalog)
    if not every:
        for message in list(catalog):
            if message.id and not message.string:
                catalog.delete(message.id, message.context)
    head = HEAD.match(text)
    name = catalog.locale.english_name if catalog.locale else language
    first = head[0] if head else NEW.format(name=name, language=language)
    stream = io.BytesIO()
    write_po(stream, catalog, width=100, omit_header=True, ignore_obsolete=True)
    return f"{first}\n".encode() + stream.getvalue().strip() + b"\n"


def mark_changed(catalog: Catalog) -> None:
    """Give the translation of an English text that is said no more to the text nearest to it, as `fuzzy`."""
    for gone in catalog.obsolete.values():
        new = {}
        for message in catalog:
            if message.id and not message.string and message.context == gone.context:
                new[message.id] = message
        for id in get_close_matches(gone.id, new, 1):
            new[id].string = gone.string
            new[id].flags.add("fuzzy")


def main(language: str = "") -> None:
    """Renew every catalogue, or print one with every text."""
    english = template()
    if language:
        path = FOLDER / f"{language}.po"
        sys.stdout.buffer.write(renewed(path, english, every=True))
        return
    for path in sorted(FOLDER.glob("*.po")):
        path.write_bytes(renewed(path, english))


if __name__ == "__main__":
    main(*sys.argv[1:])
