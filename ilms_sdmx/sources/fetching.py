"""Fetching from any source by its name: the one table of providers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib import import_module
from typing import Any

from ilms_sdmx.downloads.client import Client
from ilms_sdmx.errors import NotFoundError
from ilms_sdmx.findings import Report, find
from ilms_sdmx.labels.areas import area_code
from ilms_sdmx.records import Harmonised
from ilms_sdmx.sources import codemaps, results


@dataclass(frozen=True)
class Provider:
    """A source of comparators.

    Parameters
    ----------
    function
        `module:function` under `ilms_sdmx.sources`.
    what
        Name of the argument that says what is fetched, and what it means.
    summary
        One line.
    renamed
        Common option to the argument of the function, where that is named otherwise.
    """

    function: str
    what: str
    meaning: str
    summary: str
    renamed: tuple[tuple[str, str], ...] = ()

    def load(self) -> Callable[..., Harmonised]:
        """Return the function that fetches."""
        module, _, name = self.function.partition(":")
        found: Callable[..., Harmonised] = getattr(
            import_module(f"ilms_sdmx.sources.{module}"), name
        )
        return found

    @property
    def options(self) -> list[str]:
        """Options of the function, `what` and the client left out."""
        names = inspect.signature(self.load()).parameters
        old_names = {new: old for old, new in self.renamed}
        options = []
        for name in names:
            if name not in ("client", self.what):
                options.append(old_names.get(name, name))
        return options


#: Every source by its name.
SOURCES: dict[str, Provider] = {
    "ilostat": Provider(
        "ilostat:fetch_ilostat",
        "dataflow",
        "id of a dataflow",
        "ILOSTAT by SDMX, any dataflow by key and period.",
    ),
    "ilostat-bulk": Provider(
        "ilostat_bulk:fetch_ilostat_bulk",
        "indicator",
        "id of an indicator",
        "ILOSTAT in bulk, whole indicators.",
    ),
    "undesa-stock": Provider(
        "undesa_stock:fetch_undesa_stock",
        "by",
        "bilateral, destination, origin or age",
        "UN DESA International Migrant Stock: workbooks of 2019, 2020, 2024.",
        (("area", "destination"),),
    ),
    "undesa-portal": Provider(
        "undesa_portal:fetch_undesa_portal",
        "indicator_id",
        "65, 66, 49, 46 or 47",
        "UN DESA Data Portal: net migration, population; needs a token.",
    ),
    "undesa-wpp": Provider(
        "undesa_wpp:fetch_undesa_wpp",
        "indicator_id",
        "NetMigrations, CNMR or TPopulation1July",
        "UN DESA World Population Prospects in bulk, without a token.",
    ),
    "worldbank": Provider(
        "worldbank:fetch_worldbank",
        "indicator_id",
        "SM.POP.TOTL, SM.POP.NETM or SP.POP.TOTL",
        "World Bank indicators.",
    ),
    "oecd": Provider(
        "oecd:fetch_oecd",
        "measure",
        "B11, B14, B15, ...",
        "OECD International Migration Database.",
    ),
    "eurostat": Provider(
        "eurostat:fetch_eurostat",
        "dataset",
        "migr_pop1ctz, migr_pop3ctb, ...",
        "Eurostat migration statistics.",
    ),
    "unsdg": Provider(
        "unsdg:fetch_unsdg", "series", "SL_EMP_FTLINJUR, ...", "UNSD's SDG database."
    ),
    "sdmx": Provider(
        "sdmx_rest:fetch_sdmx",
        "dataflow",
        "AGENCY:ID(1.0)",
        "Any SDMX REST service, with base_url.",
    ),
}


def _areas(areas: Any) -> Any:
    """Codes of areas, however they are named; what is not known is left to the source."""
    if areas is None or isinstance(areas, str | int):
        return area_code(areas) if areas is not None else None
    return list(map(area_code, areas))


def fetch(
    source: str, what: str = "", *, client: Client | None = None, **options: Any
) -> Harmonised:
    """Figures of any source as data sets of our dataflows, with their comparability records.

    Parameters
    ----------
    source
        `ilostat`, `ilostat-bulk`, `undesa-stock`, `undesa-portal`, `undesa-wpp`, `worldbank`,
        `oecd`, `eurostat`, `unsdg` or `sdmx`.
    what
        Dataflow, indicator, series or table: see `SOURCES`. Sources with a default do without.
    client
        Default: a new one with the cache of the platform.
    options
        `area` (codes of ISO, ILO, M49 or the source, or names), `start`, `end`, `base_url` and
        those of the source.

    Returns
    -------
    Harmonised
        A data set with a record for each observation; `rest` has what has no counterpart.

    Raises
    ------
    NotFoundError
        No such source, dataflow, area or data.
    UnavailableError
        The service does not answer.
    ResponseError
        It answers otherwise than it documents.
    TypeError
        The source has no such option, or needs one that is not given.

    Examples
    --------
    >>> fetch("undesa-stock", edition="2024", area=["THA"])  # doctest: +SKIP
    """
    provider = SOURCES.get(source)
    if provider is None and what in SOURCES:
        raise TypeError(f"expected a source, then what to fetch; found {what!r} second")
    if provider is None:
        raise NotFoundError(f"expected a source of {', '.join(SOURCES)}, found {source!r}", "")
    if "area" in options:
        options["area"] = _areas(options["area"])
    arguments = _arguments(source, provider, options)
    if what:
        arguments[provider.what] = what
    _refuse_missing(source, provider, arguments)
    chosen = client or Client()
    key = results.key_of(source, what, arguments)
    kept = results.load(chosen, key)
    if kept is not None:
        return _with_age(chosen, *kept)
    with chosen.recorded() as downloads:
        got = provider.load()(chosen, **arguments)
    results.save(chosen, key, got, downloads)
    return _with_age(chosen, got, downloads)


def _with_age(client: Client, got: Harmonised, downloads: list[results.Used]) -> Harmonised:
    """Result whose report says that a copy is older than the service asks for."""
    if not client.offline:
        return got
    checked = []
    for stem, _, fresh in downloads:
        download = client.cache.find(client.cache.folder / stem)
        if download and not download.is_fresh(client.clock(), timedelta(seconds=fresh)):
            checked.append(download.checked)
    if not checked:
        return got
    note = find("older-copy", date=min(checked)[:10])
    return replace(got, report=got.report + Report((note,)))


def _arguments(source: str, provider: Provider, options: dict[str, Any]) -> dict[str, Any]:
    """Options that were given, by the names of the arguments of the source's function."""
    given = {name: value for name, value in options.items() if value is not None}
    renamed = dict(provider.renamed)
    known = {*provider.options, *renamed.values()}
    unknown = sorted(given.keys() - known)
    if unknown:
        named = ", ".join(unknown)
        listed = ", ".join(provider.options)
        raise TypeError(f"{source} has no option {named}; it has {listed}")
    arguments = {}
    for name, value in given.items():
        argument = renamed.get(name, name)
        is_period = name in ("start", "end")
        arguments[argument] = codemaps.period(value) if is_period else value
    return arguments


def _refuse_missing(source: str, provider: Provider, arguments: dict[str, Any]) -> None:
    missing = [name for name in _required(provider) if name not in arguments]
    if provider.what in missing:
        raise NotFoundError(f"{source} needs to know what: {provider.meaning}", "")
    if missing:
        raise TypeError(f"{source} needs {', '.join(missing)}")


def _required(provider: Provider) -> list[str]:
    """Arguments of the function, after the client, that have no default."""
    signature = inspect.signature(provider.load())
    _, *parameters = signature.parameters.values()
    required = []
    for parameter in parameters:
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
    return required
