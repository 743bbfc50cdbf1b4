"""Records stand beside the observations they describe."""

import pandas as pd
import pytest

from ilms_sdmx import Components, Dataset, Harmonised, Origin, Record
from ilms_sdmx.records import RECORD_COLUMNS, records_frame


def test_a_frame_of_records_has_every_field_and_misses_nothing() -> None:
    frame = records_frame(
        pd.Index([7, 9]), Record(source="ILOSTAT"), symbol=pd.Series([".."], index=[9])
    )
    assert tuple(frame.columns) == RECORD_COLUMNS
    assert frame["source"].tolist() == ["ILOSTAT", "ILOSTAT"]
    assert frame["symbol"].tolist() == ["", ".."]
    assert not frame.isna().any().any()


def test_a_column_that_is_no_field_is_misuse() -> None:
    with pytest.raises(TypeError, match="colour"):
        records_frame(pd.Index([0]), colour="red")


def harmonised(area: str, *also: Harmonised) -> Harmonised:
    observations = pd.DataFrame({"REF_AREA": [area], "OBS_VALUE": ["1.10"]}, dtype="str")
    records = records_frame(observations.index, Record(source="ILOSTAT"))
    return Harmonised(
        Dataset(observations, Components(("REF_AREA",))), records, Origin("ILOSTAT"), also=also
    )


def test_frame_puts_records_beside_observations_and_parts_below_each_other() -> None:
    both = harmonised("THA", harmonised("MYS"))
    assert both.frame()["REF_AREA"].tolist() == ["THA", "MYS"]
    assert both.frame()["source"].tolist() == ["ILOSTAT", "ILOSTAT"]
    assert [len(part) for part in both] == [1, 1]
