"""The documentation is true: its code runs, its links resolve, and it names every public thing."""

import ast
import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import click
import pytest

import ilms_sdmx
from ilms_sdmx.cli import COMMANDS, cli, run

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
#: The same with `network` behind the language, for commands that ask a service.
BLOCK = re.compile(r"^```(\w*)( network)?[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ )?ilms-sdmx ", re.MULTILINE)
#: A file that the reader is to save under the name on its first line.
SAVED = re.compile(r"# ([\w.-]+\.ya?ml)\n")
STATUS = re.compile(r"# exit status (\d)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(#[^)\s]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")


def blocks(page: Path, *languages: str) -> list[tuple[str, str, bool]]:
    """Language and text of the fenced blocks of a page, in order, and whether it asks a service."""
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [
        (language, text, bool(net)) for language, net, text in found if language in languages
    ]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


RUNNING = [p for p in PAGES if blocks(p, "python", "sh")]


@pytest.mark.parametrize("page", RUNNING, ids=name)
def test_code_of_a_page_runs_from_top_to_bottom(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ILMS_SDMX_CACHE", str(tmp_path / "cache"))
    namespace: dict[str, object] = {"__name__": "__page__"}
    for language, text, network in blocks(page, "python", "sh", "yaml"):
        if language == "yaml":
            if saved := SAVED.match(text):
                Path(saved[1]).write_text(text, encoding="utf-8")
            continue
        if language == "python":
            exec(compile(text, name(page), "exec"), namespace)
            continue
        for line in text.replace("\\\n", " ").splitlines():
            if not line.startswith("ilms-sdmx "):
                continue
            words = shlex.split(line, comments=True)[1:]
            if network:
                understood(words)
                continue
            status = run(words)
            said = STATUS.search(line)
            expected = {int(said[1])} if said else {0, 1}
            assert status in expected, f"{line} ended with {status}"


def understood(words: list[str]) -> None:
    """Take the words of a command as the command line does, and do nothing."""
    context = click.Context(cli)
    command: click.Command | None = cli
    while isinstance(command, click.Group):
        _, command, words = command.resolve_command(context, words)
    assert command is not None
    command.make_context("", words, parent=context)


GUIDES = [p for p in PAGES if p.parent.name in {"how-to", "tutorial", "start"}]


@pytest.mark.parametrize("page", GUIDES, ids=name)
def test_every_command_of_a_guide_is_in_a_block_that_runs(page: Path) -> None:
    for language, _, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language != "sh":
            assert not COMMAND.search(text), f"{name(page)}: ```{language} has a command"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_between_pages_resolve(page: Path) -> None:
    for target, _, picture in LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8"))):
        address = target or picture
        if "://" in address or address.startswith("mailto:"):
            continue
        assert (page.parent / address).exists(), f"{name(page)} links to {address}"


def reference() -> str:
    return "\n".join(p.read_text(encoding="utf-8") for p in ROOT.glob("docs/reference/**/*.md"))


@pytest.mark.parametrize("public", sorted(ilms_sdmx.__all__))
def test_public_name_is_in_the_reference(public: str) -> None:
    assert re.search(rf"\b{re.escape(public)}\b", reference()), (
        f"{public} is not in docs/reference"
    )


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_command_is_in_the_reference(command: str) -> None:
    assert re.search(rf"ilms-sdmx {command}\b", reference()), (
        f"{command} is not in docs/reference"
    )


def test_every_page_can_be_reached_from_the_index() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop().resolve()
        if page in seen or page.suffix != ".md":
            continue
        seen.add(page)
        for target, _, _ in LINK.findall(page.read_text(encoding="utf-8")):
            if target and "://" not in target and (page.parent / target).exists():
                waiting.append(page.parent / target)
    missing = {name(p) for p in PAGES if p.resolve() not in seen} - {"README.md"}
    assert not missing, f"not reachable from docs/index.md: {sorted(missing)}"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATED = generator().PAGES


@pytest.mark.parametrize("page", GENERATED)
def test_generated_page_is_what_the_code_yields(page: str) -> None:
    committed = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8")
    assert committed == GENERATED[page](), "run python docs/generate.py"


#: Words that officials do not know from school, for which there are plain ones: next to, is, fix,
#: leave out.
UNCOMMON = re.compile(
    r"\b(beside|stands|mends|mended|mending|tak(?:es?|en) away)\b", re.IGNORECASE
)
#: `beside` is a name of the mapping file too.
NAMES = re.compile(
    r"`[^`]*`|see beside|^## beside|^\s*beside$|\w*[._]beside\w*|\bbeside\b(?=[:,=)\[.*])"
)
PACKAGE = Path(ilms_sdmx.__file__).parent
FINDINGS = sorted(PACKAGE.parent.glob("dsd/findings/*.toml"))


def uncommon(text: str) -> list[str]:
    """Lines with an uncommon word."""
    lines = []
    for line in text.splitlines():
        if UNCOMMON.search(NAMES.sub("", line)):
            lines.append(line.strip())
    return lines


def words_of_module(path: Path) -> str:
    """Docstrings, texts and comments of a module."""
    text = path.read_text(encoding="utf-8")
    nodes = ast.walk(ast.parse(text))
    texts = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    sentences = [said for said in texts if " " in said]
    comments = re.findall(r"#:? .*", text)
    return "\n".join([*sentences, *comments])


def test_pages_and_texts_have_the_words_of_school_english() -> None:
    found = {}
    for page in [*PAGES, *FINDINGS]:
        found[name(page)] = uncommon(page.read_text(encoding="utf-8"))
    for path in sorted(PACKAGE.rglob("*.py")):
        found[str(path)] = uncommon(words_of_module(path))
    assert {place: lines for place, lines in found.items() if lines} == {}
