"""OMOP CDM 5.4 tables as Parquet: column names and types, and a writer that takes one block of people at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

_TYPES = {
    "i": pa.int64(),
    "d": pa.date32(),
    "t": pa.timestamp("us"),
    "f": pa.float64(),
    "s": pa.string(),
    "b": pa.bool_(),
}

# Columns in the order of the Common Data Model 5.4 (OHDSI/CommonDataModel), name:type.
_LAYOUT = {
    "person": "person_id:i gender_concept_id:i year_of_birth:i month_of_birth:i day_of_birth:i birth_datetime:t "
    "race_concept_id:i ethnicity_concept_id:i location_id:i provider_id:i care_site_id:i person_source_value:s "
    "gender_source_value:s gender_source_concept_id:i race_source_value:s race_source_concept_id:i "
    "ethnicity_source_value:s ethnicity_source_concept_id:i",
    "observation_period": "observation_period_id:i person_id:i observation_period_start_date:d "
    "observation_period_end_date:d period_type_concept_id:i",
    "visit_occurrence": "visit_occurrence_id:i person_id:i visit_concept_id:i visit_start_date:d "
    "visit_start_datetime:t visit_end_date:d visit_end_datetime:t visit_type_concept_id:i provider_id:i care_site_id:i "
    "visit_source_value:s visit_source_concept_id:i admitted_from_concept_id:i admitted_from_source_value:s "
    "discharged_to_concept_id:i discharged_to_source_value:s preceding_visit_occurrence_id:i",
    "condition_occurrence": "condition_occurrence_id:i person_id:i condition_concept_id:i condition_start_date:d "
    "condition_start_datetime:t condition_end_date:d condition_end_datetime:t condition_type_concept_id:i "
    "condition_status_concept_id:i stop_reason:s provider_id:i visit_occurrence_id:i visit_detail_id:i "
    "condition_source_value:s condition_source_concept_id:i condition_status_source_value:s",
    "drug_exposure": "drug_exposure_id:i person_id:i drug_concept_id:i drug_exposure_start_date:d "
    "drug_exposure_start_datetime:t drug_exposure_end_date:d drug_exposure_end_datetime:t verbatim_end_date:d "
    "drug_type_concept_id:i stop_reason:s refills:i quantity:f days_supply:i sig:s route_concept_id:i lot_number:s "
    "provider_id:i visit_occurrence_id:i visit_detail_id:i drug_source_value:s drug_source_concept_id:i "
    "route_source_value:s dose_unit_source_value:s",
    "procedure_occurrence": "procedure_occurrence_id:i person_id:i procedure_concept_id:i procedure_date:d "
    "procedure_datetime:t procedure_end_date:d procedure_end_datetime:t procedure_type_concept_id:i "
    "modifier_concept_id:i quantity:i provider_id:i visit_occurrence_id:i visit_detail_id:i procedure_source_value:s "
    "procedure_source_concept_id:i modifier_source_value:s",
    "measurement": "measurement_id:i person_id:i measurement_concept_id:i measurement_date:d measurement_datetime:t "
    "measurement_time:s measurement_type_concept_id:i operator_concept_id:i value_as_number:f value_as_concept_id:i "
    "unit_concept_id:i range_low:f range_high:f provider_id:i visit_occurrence_id:i visit_detail_id:i "
    "measurement_source_value:s measurement_source_concept_id:i unit_source_value:s unit_source_concept_id:i "
    "value_source_value:s measurement_event_id:i meas_event_field_concept_id:i",
    "observation": "observation_id:i person_id:i observation_concept_id:i observation_date:d observation_datetime:t "
    "observation_type_concept_id:i value_as_number:f value_as_string:s value_as_concept_id:i qualifier_concept_id:i "
    "unit_concept_id:i provider_id:i visit_occurrence_id:i visit_detail_id:i observation_source_value:s "
    "observation_source_concept_id:i unit_source_value:s qualifier_source_value:s value_source_value:s "
    "observation_event_id:i obs_event_field_concept_id:i",
    "death": "person_id:i death_date:d death_datetime:t death_type_concept_id:i cause_concept_id:i "
    "cause_source_value:s cause_source_concept_id:i",
    "location": "location_id:i address_1:s address_2:s city:s state:s zip:s county:s location_source_value:s "
    "country_concept_id:i country_source_value:s latitude:f longitude:f",
    "care_site": "care_site_id:i care_site_name:s place_of_service_concept_id:i location_id:i care_site_source_value:s "
    "place_of_service_source_value:s",
    "cdm_source": "cdm_source_name:s cdm_source_abbreviation:s cdm_holder:s source_description:s "
    "source_documentation_reference:s cdm_etl_reference:s source_release_date:d cdm_release_date:d cdm_version:s "
    "cdm_version_concept_id:i vocabulary_version:s",
    "concept": "concept_id:i concept_name:s domain_id:s vocabulary_id:s concept_class_id:s standard_concept:s "
    "concept_code:s valid_start_date:d valid_end_date:d invalid_reason:s",
    "provider": "provider_id:i provider_name:s npi:s dea:s specialty_concept_id:i care_site_id:i year_of_birth:i "
    "gender_concept_id:i provider_source_value:s specialty_source_value:s specialty_source_concept_id:i "
    "gender_source_value:s gender_source_concept_id:i",
    "fact_relationship": "domain_concept_id_1:i fact_id_1:i domain_concept_id_2:i fact_id_2:i "
    "relationship_concept_id:i",
    "concept_relationship": "concept_id_1:i concept_id_2:i relationship_id:s valid_start_date:d valid_end_date:d "
    "invalid_reason:s",
    # No table of 5.4 says where people lived when; this one is of CDM 6.0 and of OHDSI's extension for places.
    "location_history": "location_id:i relationship_type_concept_id:i domain_id:s entity_id:i start_date:d end_date:d",
    "concept_ancestor": "ancestor_concept_id:i descendant_concept_id:i min_levels_of_separation:i "
    "max_levels_of_separation:i",
}


def _schema(layout: str) -> pa.Schema:
    return pa.schema([(name, _TYPES[kind]) for name, kind in (column.split(":") for column in layout.split())])


TABLES: Mapping[str, pa.Schema] = {name: _schema(layout) for name, layout in _LAYOUT.items()}

Columns = Mapping[str, NDArray[Any] | pa.Array | list[Any]]


def table(schema: pa.Schema, columns: Columns) -> pa.Table:
    """A table of the schema; columns that are not given are null, and a column that it does not have is an error."""
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"not columns of this table: {sorted(unknown)}")
    size = len(next(iter(columns.values())))
    given = {name: _array(values, schema.field(name).type) for name, values in columns.items()}
    return pa.table([given.get(f.name, pa.nulls(size, f.type)) for f in schema], schema=schema)


def _array(values: NDArray[Any] | pa.Array | list[Any], kind: pa.DataType) -> pa.Array:
    if kind == pa.date32() and isinstance(values, np.ndarray):
        return pa.array(values.astype(np.int32), pa.int32()).cast(kind)
    if kind == pa.float64():
        return pa.array(values, kind, from_pandas=True)  # NaN becomes null
    return values.cast(kind) if isinstance(values, pa.Array) else pa.array(values, kind)


def words(texts: list[str | None], which: NDArray[np.int64]) -> pa.Array:
    """The texts at the positions `which`."""
    return pa.array(texts, pa.string()).take(pa.array(which))


class Folder:
    """A folder of Parquet files under way: one open file for each table, one row group for each block of people."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: dict[str, int] = {}
        self._open: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        (self.path / "truth").mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for name, writer in self._open.items():
            writer.close()
            if error is None:
                self._partial(name).replace(self.path / f"{name}.parquet")
            else:
                self._partial(name).unlink(missing_ok=True)

    def _partial(self, name: str) -> Path:
        """Where a table is written until all are complete, so that no reader meets half a table."""
        return self.path / f"{name}.parquet.partial"

    def add(self, name: str, columns: Columns) -> None:
        """Add rows to an OMOP table."""
        self.add_rows(name, table(TABLES[name], columns))

    def add_rows(self, name: str, rows: pa.Table) -> None:
        """Add rows to a table, or to one of `truth/`, whose columns are those that its first rows have."""
        if name not in self._open:
            self._open[name] = pq.ParquetWriter(
                self._partial(name),
                rows.schema,
                compression="zstd",
                version="2.6",
                data_page_version="2.0",
                store_schema=False,
            )
        self._open[name].write_table(rows, row_group_size=max(len(rows), 1))
        self.rows[name] = self.rows.get(name, 0) + len(rows)
