"""Whoever shares a home is read as people of their own, and stays on one side of a split where they are read."""

import ibis
import numpy as np
import pytest

from features.cohort import feature_table
from features.source import open_source
from pathways.language import BORN, Age, Count, Has, Of, Pathway, Prediction, Predictor, Since
from pathways.words import Every, Happens
from tests.features.one_by_one import compare
from tests.spec import omop_tables
from tests.spec.clinic import ASTHMA, DIABETES
from tests.spec.drawn import patients

CHILDREN = Since(Of("household", BORN), unit="years")


def asking(*words):
    """A small pathway around some words."""
    prediction = Prediction(
        "asked",
        index=Every("year"),
        population=Age().at_least(1),
        outcome=Happens(DIABETES),
        predictors=tuple(Predictor(f"x{at}", word) for at, word in enumerate(words)),
        horizons=365,
    )
    return Pathway(title="Drawn", predictions=(prediction,)), prediction


@pytest.mark.external
def test_of_real_shaped_homes_everybody_reads_the_same_by_history_as_by_table(shared):
    source = open_source(shared / "data/omop_synthea_gb_dev/parquet")
    words = Count(Of("household", BORN)), CHILDREN, Has(Of("household", ASTHMA)), Count(Of("household", DIABETES))

    found = compare(*asking(*words), source, 400)

    assert found.differ == ()
    assert found.present > found.people  # most live with somebody


def test_those_who_share_a_home_are_of_one_family_only_where_a_prediction_reads_of_them():
    people = patients(
        "",
        """
        person | born       | home
        Eve    | 1980-06-01 | 7
        Bob    | 1979-02-01 | 7
        Dot    | 2001-01-01 | 9
        """,
    )
    source = omop_tables.as_source(omop_tables.omop(people), ibis.duckdb.connect())

    def families(word):
        table = feature_table(*asking(word), source)
        return [{int(one) for one in table.family[table.person_id == people[who].id]} for who in people]

    eve, bob, dot = families(Count(Of("household", BORN)))
    assert eve == bob
    assert not eve & dot
    assert len(set().union(*families(Count(DIABETES)))) == 3


def test_part_of_a_source_reads_the_homes_of_the_whole():
    people = patients("", "person | born | home\nEve | 1980-06-01 | 7\nBob | 1979-02-01 | 7")
    source = omop_tables.as_source(omop_tables.omop(people), ibis.duckdb.connect())

    part = source.only(np.array([people["Eve"].id]))

    table = feature_table(*asking(Count(Of("household", BORN))), part)
    assert table.values[-1, 0] == 1.0
