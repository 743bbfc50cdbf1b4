"""`ilms-sdmx doctor`: what this installation has, what it lacks, and what to do about it."""

from __future__ import annotations

import locale
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import metadata
from pathlib import Path

import click

from ilms_sdmx._files import __version__, path_shown

#: Name of the distribution, as pip knows it.
_DISTRIBUTION = "ilms-sdmx"
#: Extras whose packages only developers need.
_OF_DEVELOPERS = ("test", "docs")
#: Languages whose letters charts and pages need, by the tags that fontconfig knows.
_SCRIPTS = {"th": "Thai", "lo": "Lao", "km": "Khmer", "my": "Burmese", "vi": "Vietnamese"}


@dataclass(frozen=True)
class Line:
    """One thing that was looked at: its name, what was found, and what to do about it."""

    name: str
    text: str
    advice: str = ""


@click.command()
@click.option(
    "--db",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Database to look at too.",
)
def doctor(folder: Path | None) -> int:
    """Show versions, fonts, cache, database, certificates, encoding and time zone.

    Asks no service. Send what it prints with a question or a report of a defect; it holds no
    token and no figure. The exit status is 1 where something should be done.
    """
    status = 0
    for line in _lines(folder):
        click.echo(f"{line.name:<14} {line.text}")
        if line.advice:
            status = 1
            click.echo(f"{'':<14} -> {line.advice}")
    return status


def _lines(folder: Path | None) -> Iterator[Line]:
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield Line("ilms-sdmx", f"{__version__} in {Path(__file__).parents[2]}")
    yield Line("Python", f"{platform.python_version()} {sys.executable}")
    yield Line("system", system)
    yield from _packages()
    yield _encoding()
    yield _time_zone()
    yield _cache()
    yield _certificates()
    yield _fonts()
    if folder is not None:
        yield _database(folder)


def _packages() -> Iterator[Line]:
    """Packages that the program needs, and those that its extras bring."""
    needed: list[str] = []
    lacking: list[str] = []
    extras: dict[str, list[str]] = {}
    for text in metadata.requires(_DISTRIBUTION) or ():
        requirement, _, condition = text.partition(";")
        name = _name_of(requirement)
        version = _version(name)
        extra = condition.partition("extra == ")[2].strip("\"' ")
        if extra:
            extras.setdefault(extra, []).append(f"{name} {version or 'not installed'}")
        elif version:
            needed.append(f"{name} {version}")
        else:
            lacking.append(name)
    advice = ""
    if lacking:
        advice = f"install it again, it lacks {', '.join(lacking)}: pip install {_DISTRIBUTION}"
    yield Line("packages", ", ".join(needed), advice)
    for extra, packages in extras.items():
        if extra not in _OF_DEVELOPERS:
            install = f"(pip install '{_DISTRIBUTION}[{extra}]')"
            yield Line(f"extra {extra}", f"{', '.join(packages)} {install}")


def _name_of(requirement: str) -> str:
    """Name of a package without its version and extras."""
    name = requirement
    for sign in "[<>=!~ (":
        name = name.partition(sign)[0]
    return name.strip()


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _encoding() -> Line:
    preferred = locale.getpreferredencoding(False)
    of_names = sys.getfilesystemencoding()
    text = f"output {sys.stdout.encoding}, locale {preferred}, file names {of_names}"
    if of_names.lower().replace("-", "") == "utf8":
        return Line("encoding", text)
    return Line("encoding", text, "file names of other scripts need UTF-8: set LANG=C.UTF-8")


def _time_zone() -> Line:
    now = datetime.now().astimezone()
    return Line(
        "time zone", f"{now.tzname()} {now:%z}, now {now:%Y-%m-%d %H:%M}; messages say UTC"
    )


def _cache() -> Line:
    from ilms_sdmx.downloads.cache import default_folder

    folder = default_folder()
    if not folder.exists():
        return Line("cache", f"{path_shown(folder)}, not made yet")
    files = [path for path in folder.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1_000_000
    advice = ""
    if not os.access(folder, os.W_OK):
        advice = "it cannot be written: set ILMS_SDMX_CACHE to a folder of your own"
    return Line("cache", f"{path_shown(folder)}, {len(files):,} files, {size:,.1f} MB", advice)


def _certificates() -> Line:
    from ilms_sdmx.downloads.transport import certificate_file

    named = certificate_file()
    proxies = [name for name in ("HTTPS_PROXY", "https_proxy") if os.environ.get(name)]
    through = f", through the proxy of {proxies[0]}" if proxies else ""
    if Path(named).exists():
        return Line("certificates", f"{named}{through}")
    advice = "set REQUESTS_CA_BUNDLE to the file of your certificates"
    return Line("certificates", f"{named} is not there{through}", advice)


def _fonts() -> Line:
    """Whether there are fonts for the scripts of the region, as far as the system tells."""
    program = shutil.which("fc-list")
    if program is None:
        return Line("fonts", "not looked at: this system has no fontconfig")
    lacking: list[str] = []
    for tag, name in _SCRIPTS.items():
        listed = subprocess.run(
            [program, f":lang={tag}", "family"], capture_output=True, check=False, timeout=60
        )
        if not listed.stdout.strip():
            lacking.append(name)
    if not lacking:
        return Line("fonts", f"for {', '.join(_SCRIPTS.values())}")
    advice = "install the Noto fonts (fonts-noto-core) to see them in charts and workbooks"
    return Line("fonts", f"none for {', '.join(lacking)}", advice)


def _database(folder: Path) -> Line:
    from ilms_sdmx.database import Database
    from ilms_sdmx.errors import DatabaseError

    try:
        rows = Database(folder).list()
    except DatabaseError as error:
        return Line("database", path_shown(folder), str(error))
    figures = int(rows["figures"].sum()) if len(rows) else 0
    return Line("database", f"{path_shown(folder)}, {len(rows)} names, {figures:,} figures")
