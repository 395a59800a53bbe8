"""Each fault changes what it says, there and then; everything else is as it is for the same people without it."""

from __future__ import annotations

import subprocess
import sys

import duckdb
import numpy as np
import pytest

from synthetic import places
from synthetic.calendar import day_of
from synthetic.clinic import draw_clinic
from synthetic.faults import KINDS, FaultError, listed, parse
from synthetic.population import draw_block

MANCHESTER = "E54000057"
DAY, AFTER = day_of(2018, 3), day_of(2026)


def block(*texts):
    clinic = draw_clinic(3, places.NORTH, 1, 1_501, parse(texts))
    return draw_block(clinic, len(clinic.people))


@pytest.fixture(scope="module")
def plain():
    return block()


def there(drawn, rows, first=DAY, last=AFTER):
    board = [board.code for board in places.BOARDS].index(MANCHESTER)
    mine = places.BOARD_OF[drawn.people.practice(rows["who"], rows["day"])] == board
    return mine & (rows["day"] >= first) & (rows["day"] < last)


def creatinine(drawn, concept=3020564):
    rows = drawn.records["measurement"]
    return {name: column[rows["concept"] == concept] for name, column in rows.items()}


def test_creatinine_in_other_units_comes_with_its_unit_and_code(plain):
    drawn = block(f"creatinine-mg:2018-03-01:{MANCHESTER}")
    before, after = creatinine(plain), creatinine(drawn, 3016723)
    moved = there(plain, before)
    others = creatinine(plain, 3016723)

    assert moved.sum() > 50
    assert len(after["who"]) == moved.sum() + len(others["who"])
    assert np.sum(after["value"]) == pytest.approx(
        np.sum(np.round(before["value"][moved] / 88.4, 2)) + np.sum(others["value"])
    )


def test_a_mislabelled_creatinine_keeps_unit_and_code(plain):
    drawn = block(f"creatinine-mislabelled:2018-03-01:{MANCHESTER}")
    before, after = creatinine(plain), creatinine(drawn)
    moved = there(plain, before)

    assert np.array_equal(after["unit"], before["unit"])
    assert np.array_equal(after["value"][~moved], before["value"][~moved])
    assert np.allclose(after["value"][moved], np.round(before["value"][moved] / 88.4, 2))


def test_a_new_assay_reads_8_percent_and_6_higher(plain):
    drawn = block(f"new-assay:2018-03-01:{MANCHESTER}")
    before, after = creatinine(plain), creatinine(drawn)
    moved = there(plain, before)

    assert np.allclose(after["value"][moved], np.round(1.08 * before["value"][moved] + 6.0))


def test_a_lost_month_has_no_records_and_the_next_day_has(plain):
    drawn = block(f"lost-month:2018-03:{MANCHESTER}")
    for table, rows in {**drawn.records, "visits": drawn.visits}.items():
        before = plain.visits if table == "visits" else plain.records[table]
        assert there(drawn, rows, DAY, day_of(2018, 4)).sum() == 0
        assert len(before["who"]) - len(rows["who"]) == there(plain, before, DAY, day_of(2018, 4)).sum()


def test_contacts_dip_to_a_third_and_come_back(plain):
    drawn = block(f"dip:2020-03-23:{MANCHESTER}")

    def left(first, last):
        return there(drawn, drawn.visits, first, last).sum() / there(plain, plain.visits, first, last).sum()

    assert left(day_of(2020, 3, 23), day_of(2020, 4, 15)) == pytest.approx(0.38, abs=0.12)
    assert left(day_of(2021, 6), day_of(2022, 6)) == 1.0


def test_a_second_loading_doubles_every_record_with_new_numbers(plain):
    drawn = block(f"duplicated:2018-03-01:{MANCHESTER}")
    more = there(plain, plain.visits).sum()

    assert len(drawn.visits["who"]) == len(plain.visits["who"]) + more
    assert len(np.unique(drawn.visits["visit"])) == len(drawn.visits["visit"])


def test_another_code_system_leaves_no_old_code_and_the_same_number_of_rows(plain):
    drawn = block(f"code-switch:2018-03-01:{MANCHESTER}")
    before, after = plain.records["condition_occurrence"], drawn.records["condition_occurrence"]
    raised = before["concept"][there(plain, before)] == 320128

    assert len(after["who"]) == len(before["who"])
    assert np.sum(after["concept"][there(drawn, after)] == 316866) >= raised.sum()


def test_a_practice_that_joins_brings_diagnoses_but_no_results_of_before():
    practice = places.PRACTICES[100].code
    drawn = block(f"new-system:2018-03-01:{practice}")
    rows, codes = drawn.records["measurement"], drawn.records["condition_occurrence"]

    def earlier(part):
        return (drawn.people.practice(part["who"], part["day"]) == 100) & (part["day"] < DAY)

    assert earlier(rows).sum() == 0
    assert earlier(codes).sum() > 0


def test_chinese_people_of_the_place_are_recorded_as_other_asian(plain):
    drawn = block("ethnicity-moved:2018-03-01:everywhere")
    chinese, asian = (places.ETHNICITIES.index(letter) for letter in "RL")
    moved = plain.people.letter == chinese

    assert moved.sum() > 0
    assert drawn.touched["ethnicity-moved:2018-03-01:everywhere"] == moved.sum()
    assert np.all(drawn.people.letter[moved] == asian)
    assert np.array_equal(drawn.people.letter[~moved], plain.people.letter[~moved])


def test_a_doubled_risk_doubles_hazards_from_its_day_and_how_fast_kidneys_fail():
    plain, doubled = (
        draw_clinic(3, places.NORTH, 1, 1_501, parse(texts)) for texts in ((), ("double-risk:2018-01:north",))
    )
    people, later = np.arange(len(plain.people)), np.full(len(plain.people), day_of(2023))
    then = np.full(len(people), day_of(2018))
    lost = [c.kidneys.before_injury(people, then) - c.kidneys.before_injury(people, later) for c in (plain, doubled)]
    here = (plain.people.joined <= day_of(2018)) & (lost[0] > 0.1)
    there = plain.people.joined <= day_of(2018)
    begun = [
        np.sum((c.tumours.begins[there] > day_of(2018)) & (c.tumours.begins[there] < day_of(2026)))
        for c in (plain, doubled)
    ]
    early = [c.tumours.begins <= day_of(2018) for c in (plain, doubled)]
    north = places.REGION_OF[plain.people.practice(people, then)] == places.NORTH

    assert np.array_equal(*early)
    assert 1.4 < begun[1] / begun[0] < 2.6
    assert np.allclose(lost[1][here & north], 2 * lost[0][here & north])
    assert np.all(doubled.risk(people[north], np.full(north.sum(), day_of(2018, 6))) >= 1.0)
    assert np.mean(doubled.risk(people[north], np.full(north.sum(), day_of(2018, 6)))) > 1.9


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"double-risk", "ethnicity-moved", "new-system"}))
def test_nothing_changes_elsewhere_or_before(plain, name):
    when = "2018-03" if KINDS[name].month else "2018-03-01"
    drawn = block(f"{name}:{when}:{MANCHESTER}")
    for table, before in plain.records.items():
        after = drawn.records[table]
        outside, still = ~there(plain, before), ~there(drawn, after)
        for column in set(before) - {"visit"}:
            assert np.array_equal(before[column][outside], after[column][still], equal_nan=column == "value")


def test_two_faults_are_the_same_in_either_order():
    one, other = f"new-assay:2018-03-01:{MANCHESTER}", "lost-month:2019-01:north"
    first, second = creatinine(block(one, other)), creatinine(block(other, one))

    assert np.array_equal(first["value"], second["value"])


def test_two_faults_of_one_kind_are_counted_apart(plain):
    months = [f"lost-month:2018-0{month}:{MANCHESTER}" for month in (3, 6)]
    drawn = block(*months)
    tables = [*plain.records.values(), plain.visits]

    for text, month in zip(months, (3, 6), strict=True):
        lost = sum(there(plain, rows, day_of(2018, month), day_of(2018, month + 1)).sum() for rows in tables)
        assert drawn.touched[text] == lost > 0


def test_every_problem_of_every_fault_is_said_at_once():
    with pytest.raises(FaultError) as caught:
        parse(["mood:2018-13:nowhere", "lost-month:2018-03-01:north", "dip:2020-03-23:north:half"])

    said = "\n".join(str(problem) for problem in caught.value.args)
    assert "there is no kind of that name" in said
    assert "'2018-13'" in said
    assert "WHERE is 'nowhere'; allowed is the code of a practice or board" in said
    assert "allowed is a month, YYYY-MM" in said
    assert "it has more than three parts; allowed is NAME:WHEN:WHERE" in said


def test_the_command_lists_faults_and_refuses_a_wrong_one(tmp_path):
    command = [sys.executable, "-m", "synthetic"]
    shown = subprocess.run([*command, "--list-faults"], capture_output=True, text=True, check=False)
    wrong = subprocess.run(
        [*command, "--out", str(tmp_path), "--fault", "mood:2018:x"], capture_output=True, text=True, check=False
    )

    assert shown.returncode == 0
    assert shown.stdout.strip() == listed()
    assert len(shown.stdout.strip().splitlines()) == len(KINDS)
    assert wrong.returncode == 2


def test_a_younger_extract_of_one_region_begins_on_its_day(tmp_path):
    command = [sys.executable, "-m", "synthetic", "--people", "400", "--regions", "london", "--years", "5"]
    done = subprocess.run([*command, "--out", str(tmp_path)], capture_output=True, text=True, check=False)
    first = duckdb.sql(f"SELECT min(visit_start_date)::VARCHAR FROM '{tmp_path}/visit_occurrence.parquet'").fetchall()

    assert done.returncode == 0, done.stderr
    assert first[0][0] >= "2021-01-01"
