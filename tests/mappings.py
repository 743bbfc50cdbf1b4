"""Mappings of small tables of countries by year and of provinces, for tests of conversion."""

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


#: Data set of an office's own, by province.
_BY_PROVINCE = """
codes:
  provinces: {values: {Alor: PA, Bima: PB, Dili: PD}}
datasets:
  - dataflow: XX_OFFICE:DF_CAMPS(1.0)
    components:
      REF_AREA: IDN
      FREQ: A
      PROVINCE: {from: province, codes: provinces}
      SEX: SEX_T
      TIME_PERIOD: WHEN
      UNIT_MEASURE: PS
      UNIT_MULT: 0
"""


def by_province(tables: str, period: str = '"2021"') -> str:
    """Mapping file with these tables, whose data set has the figures by province."""
    return "\nmapping: 2\n" + tables.strip("\n") + _BY_PROVINCE.replace("WHEN", period)
