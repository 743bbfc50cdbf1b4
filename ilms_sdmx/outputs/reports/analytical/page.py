"""The analytical report as one page of HTML that asks nothing of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ilms_sdmx.outputs.reports.analytical.content import (
    AnalyticalReport,
    Block,
    ComparabilityBox,
    LinkedTable,
    Paragraph,
    Picture,
    Reference,
)
from ilms_sdmx.outputs.reports.catalogues import catalogue
from ilms_sdmx.outputs.reports.pages import need_charts, render

if TYPE_CHECKING:
    from ilms_sdmx.outputs.reports.catalogues import Catalogue

#: Columns of the list of figures.
ORIGINS = ("id", "value", "power", "dataflow", "key", "time", "source", "kept", "cell")
DERIVED = ("id", "number", "how")
CREDITS = (
    "International Labour Organization, ILOSTAT, CC BY 4.0.",
    "United Nations, Department of Economic and Social Affairs, Population Division, "
    "International Migrant Stock, CC BY 3.0 IGO.",
)


def analytical_page(
    report: AnalyticalReport, *, words: Catalogue | None = None, created: str = ""
) -> str:
    """HTML of an analytical report; it prints to A4.

    Parameters
    ----------
    created
        Time to print in the foot; nothing by default, so that the same input gives the same
        bytes.
    """
    need_charts()
    words = words or catalogue("en")
    contents = [(chapter.id, chapter.heading) for chapter in report.chapters]
    contents.append(("figures", words.text("analysis.figures")))
    return render(
        "analytical.html.j2",
        words,
        title=report.title,
        kicker=report.kicker,
        contents=contents,
        created=created,
        chapters=report.chapters,
        kind_of_block=kind_of_block,
        is_linked=is_linked,
        origins=[origin_cells(entry) for entry in report.origins],
        origin_headings=[words.text(f"analysis-heading.{each}") for each in ORIGINS],
        derived=report.derived,
        derived_headings=[words.text(f"analysis-heading.{each}") for each in DERIVED],
        credits=CREDITS,
    )


def kind_of_block(block: Block) -> str:
    """Which kind a block is: paragraph, box, table or picture."""
    kinds: dict[type[Any], str] = {
        Paragraph: "paragraph",
        ComparabilityBox: "box",
        LinkedTable: "table",
        Picture: "picture",
    }
    return kinds[type(block)]


def is_linked(part: object) -> bool:
    """Whether a piece of a line is a number with a link."""
    return isinstance(part, Reference)


def origin_cells(entry: dict[str, str]) -> dict[str, str]:
    """Cells of one figure in the list of figures."""
    edition = entry["edition"] or entry["address"]
    return {
        "id": entry["id"],
        "value": entry["value"],
        "power": entry["power"],
        "dataflow": entry["dataflow"],
        "key": entry["key"],
        "time": entry["period"],
        "source": entry["source"],
        "kept": entry["name"],
        "cell": entry["cell"] or edition,
    }
