"""Tasks of a developer: `nox --list` names them, `nox -s lint` runs one, `.ci/run` all."""

import nox

nox.options.sessions = ["lint", "types", "tests"]
nox.options.reuse_existing_virtualenvs = True
nox.options.default_venv_backend = "venv"


@nox.session
def lint(session: nox.Session) -> None:
    """Rules of ruff, and the format of the code."""
    session.install("ruff>=0.14")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Types of the package, strictly."""
    session.install("-e", ".[test]")
    session.run("mypy")


@nox.session(python=["3.11", "3.12", "3.13", "3.14"])
def tests(session: nox.Session) -> None:
    """Tests, in two processes; words behind `--` go to pytest: `nox -s tests -- -k periods`."""
    session.install("-e", ".[test]")
    session.run("pytest", *(session.posargs or ["-n", "2"]))


@nox.session
def pages(session: nox.Session) -> None:
    """Pages of the documentation that are made from the code and from `dsd/`."""
    session.install("-e", ".")
    session.run("python", "docs/generate.py")


@nox.session
def site(session: nox.Session) -> None:
    """The site, checked, and as one offline zip: `build/site`, `build/ilms_sdmx-docs.zip`."""
    session.install("-e", ".[docs]")
    session.run("python", "docs/build.py")


@nox.session
def links(session: nox.Session) -> None:
    """Whether the links of the pages to other hosts answer; needs the network."""
    session.install("-e", ".[docs]")
    session.run("python", "-m", "sphinx", "-b", "linkcheck", "docs", "build/links")


@nox.session
def benchmark(session: nox.Session) -> None:
    """One benchmark: `nox -s benchmark -- conversion`."""
    session.install("-e", ".[test]")
    for name in session.posargs or ["conversion"]:
        session.run("python", "-m", f"benchmarks.{name}")
