"""Mapping of a small table of countries by year, for tests of conversion."""

_BY_COUNTRY = """
mapping: 2
conventions: {CONVENTIONS}
tables:
  - name: t
    begin: Country
    rows: [{name: country}]
    columns: [year]
codes:
  countries: {codelist: CL_CDS, prefix: CDS_DES_, match: true}
datasets:
  - dataflow: ILO:DF_EMP_MNAO_SEX_CDS_NB
    components:
      REF_AREA: IDN
      FREQ: A
      MEASURE: EMP_MNAO_NB
      SEX: SEX_T
      CDS: {from: country, codes: countries}
      TIME_PERIOD: {period: year}
"""


def by_country(conventions: str) -> str:
    """Mapping file whose conventions are these."""
    return _BY_COUNTRY.replace("CONVENTIONS", conventions)
