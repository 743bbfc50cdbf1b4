"""Agreements of the office whose figures are served, and the agencies of its structures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from ilms_sdmx.outputs.exchange.registration import SCHEME, Provider
from ilms_sdmx.structures.bundle import Bundle
from ilms_sdmx.structures.facts import OURS

if TYPE_CHECKING:
    from sdmx.model.common import AgencyScheme, DataProviderScheme, ProvisionAgreement

_VERSION = "1.0"


def agency_scheme(provider: Provider | None) -> AgencyScheme:
    """Scheme of the agencies that maintain what is served."""
    from sdmx.model.common import Agency, AgencyScheme

    names = {"ILO": "International Labour Organization", OURS: "ilms_sdmx"}
    if provider is not None:
        names.setdefault(provider.agency, provider.name or provider.agency)
    scheme: AgencyScheme = AgencyScheme(
        id="AGENCIES",
        name={"en": "Agencies that maintain structures"},
        maintainer=Agency(id="SDMX"),
        version=_VERSION,
    )
    for id, name in names.items():
        scheme.append(Agency(id=id, name={"en": name}))
    return scheme


def provisions(
    whole: Bundle, provider: Provider | None, dataflows: Sequence[str]
) -> tuple[list[DataProviderScheme], list[ProvisionAgreement]]:
    """Scheme of an office that the package does not know, and its agreements."""
    from sdmx.model.common import Agency, ProvisionAgreement

    if provider is None:
        return [], []
    office, schemes = _office(whole, provider)
    agreements = []
    for flow in whole.dataflows:
        if f"{flow.maintainer.id}:{flow.id}({flow.version})" in dataflows:  # type: ignore[union-attr]
            agreement = ProvisionAgreement(
                id=f"PA_{flow.id}",
                name={"en": f"{provider.name or provider.id}: {flow.id}"},
                maintainer=Agency(id=provider.agency),
                version=_VERSION,
                structure_usage=flow,
                data_provider=office,
            )
            agreements.append(agreement)
    return schemes, agreements


def _office(whole: Bundle, provider: Provider) -> tuple[Any, list[DataProviderScheme]]:
    """The office, and its scheme where that is none of the package."""
    for scheme in whole.provider_schemes:
        if provider.agency == OURS and provider.id in scheme:
            return scheme[provider.id], []
    made = _scheme(provider)
    return made[provider.id], [made]


@cache
def _scheme(provider: Provider) -> DataProviderScheme:
    from sdmx.model.common import Agency, DataProvider, DataProviderScheme

    scheme: DataProviderScheme = DataProviderScheme(
        id=SCHEME,
        name={"en": "Offices that provide data"},
        maintainer=Agency(id=provider.agency),
        version=_VERSION,
    )
    scheme.append(DataProvider(id=provider.id, name={"en": provider.name or provider.id}))
    return scheme
