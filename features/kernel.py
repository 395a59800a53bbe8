"""The compiled kernel: rows to histories, histories to derived streams, a programme over people and index dates.

Everything that is compiled lives in this one module, because numba's cache looks at one file's time stamp. The same
functions serve one person and a million. Days count from 1970-01-01; NaN is missing; MAX_DAY is "never".
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from features.growth import AGES, LMS

MIN_DAY, MAX_DAY = -(2**30), 2**30
OLDEST = 150  # years; whoever is older was born on MIN_DAY, which is to say on no known day

# What became of a row; a row is counted once, under the first stream that asks for it.
USED, NO_PERSON, NO_DATE, NO_VALUE, UNIT, IMPLAUSIBLE, FLOOR, BEFORE_BIRTH, AFTER_DEATH, FUTURE, DUPLICATE, SAME_DAY = (
    range(12)
)
LESS, LESS_EQUAL, GREATER_EQUAL, GREATER = 4171756, 4171754, 4171755, 4172704  # verified OMOP operator concepts
AGAIN = -1  # stands in for the operator of a row that is read a second time, for its answer: it is not counted twice
DRUG = 2  # the kind, in the lowest four bits of a record, whose value is the days supplied
KEEP_ALL, LOWEST, HIGHEST, MEDIAN, LAST = range(5)
EITHER, PREFER, FORMULA, AT, NEAR, ONLY, BORN, OF = range(8)
LIMITS = 5
CKD_EPI_2009, CKD_EPI_2021, BMI, PRESSURE_PAIR, ABOVE, BMI_SDS, AGE_AT = range(7)

# Words of a programme.
(
    HAS,
    COUNT,
    LATEST,
    EARLIEST,
    SINCE,
    FIRST_DAY,
    MEAN,
    MEDIAN_OF,
    HIGHEST_OF,
    LOWEST_OF,
    SPREAD,
    TOTAL,
    SLOPE,
    COVERED,
    NEAREST,
    CONFIRMED,
    DOSE,
    PERSON,
    PLACE,
    AGE,
    OBSERVED,
    CALENDAR,
    ALL,
    ANY,
    NUMBER,
    NOT,
    MISSING,
    COMPARE,
    CHOICE,
    DIFFERENCE,
    RATIO,
    GIVEN,
) = range(32)
OF_SEVERAL = (MEAN, MEDIAN_OF, SPREAD, TOTAL, SLOPE)  # words whose value is made of every record of their window

# Columns of `code`.
(
    WORD,
    STREAM,
    ANCHOR,
    ANCHOR_AT,
    FROM_EVER,
    FROM_MONTHS,
    FROM_DAYS,
    UNTIL_OPEN,
    UNTIL_MONTHS,
    UNTIL_DAYS,
    AFTER_INDEX,
    A,
    B,
    TEST,
    LAST_N,
    APART,
) = range(16)
AT_INDEX, AT_BIRTH, AT_DAY, AT_REGISTER = range(4)
TEST_AT_LEAST, TEST_BELOW, SHARE_AT_LEAST, SHARE_BELOW, TEST_AT_MOST = 1, 2, 4, 8, 16
BLOCK = 256

compiled = njit(cache=True, error_model="numpy", nogil=True)


# The calendar ---------------------------------------------------------------------------------------------------------


@compiled
def civil(day):
    """Year, month and day of the month (Hinnant's days_from_civil, inverted)."""
    z = day + 719468
    era = (z if z >= 0 else z - 146096) // 146097
    doe = z - era * 146097
    yoe = (doe - doe // 1460 + doe // 36524 - doe // 146096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    mp = (5 * doy + 2) // 153
    month = mp + 3 if mp < 10 else mp - 9
    return yoe + era * 400 + (1 if month <= 2 else 0), month, doy - (153 * mp + 2) // 5 + 1


@compiled
def from_civil(year, month, day):
    """Days since 1970-01-01."""
    y = year - (1 if month <= 2 else 0)
    era = (y if y >= 0 else y - 399) // 400
    yoe = y - era * 400
    doy = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + yoe * 365 + yoe // 4 - yoe // 100 + doy - 719468


@compiled
def add_months(day, months):
    """The same day of another month; 31 January plus one month is the last of February."""
    if months == 0:
        return day
    year, month, dom = civil(day)
    total = year * 12 + month - 1 + months
    y, m = total // 12, total % 12 + 1
    first = from_civil(y, m, 1)
    following = from_civil(y + (1 if m == 12 else 0), 1 if m == 12 else m + 1, 1)
    return first + min(dom, following - first) - 1


@compiled
def completed_months(birth, day):
    """Completed calendar months, compared by month and day: a leap-day child has its birthday on 1 March."""
    by, bm, bd = civil(birth)
    y, m, d = civil(day)
    return (y - by) * 12 + (m - bm) - (1 if d < bd else 0)


# Rows to histories ----------------------------------------------------------------------------------------------------


@compiled
def _when(day, birth, death, extract_day):
    """Whether a day can be: USED, or why not."""
    if day <= MIN_DAY:
        return NO_DATE
    if day < birth:
        return BEFORE_BIRTH
    if day > death:
        return AFTER_DEATH
    return FUTURE if day > extract_day else USED


@compiled
def _unit_at(unit, start, stop, unit_id):
    """Position of a unit among those of a stream, -1 if the stream does not accept it."""
    for at in range(start, stop):
        if unit_id[at] == unit:
            return at
    return -1


@compiled
def _checked(value, operator, low, high, less_than, floor):
    """What becomes of a number in the unit of its stream, and what it counts as."""
    if operator == LESS or operator == LESS_EQUAL:
        value *= less_than
    if (operator == GREATER or operator == GREATER_EQUAL) and value < floor:
        return FLOOR, value
    return (USED if low <= value <= high else IMPLAUSIBLE), value


@compiled
def judge(rows, slots, streams, people, extract_day, counts, tally, kept):
    """First pass: what becomes of each row in each stream that wants it.

    `kept` gets the row, slot entry and value of every record, `counts` how many each stream of each person has,
    `tally` the rows left out by kind and reason. Returns the number of records.
    """
    person, slot, day, _, value, unit, operator, _, record = rows
    slot_start, slot_stream, slot_level, slot_assumed = slots
    numeric, low, high, less_than, floor, _, unit_start, unit_id, unit_times, unit_plus = streams
    birth, death = people[0], people[1]
    kept_row, kept_entry, kept_value = kept
    n = 0
    for row in range(len(slot)):
        p = person[row]
        when = _when(day[row], birth[p], death[p], extract_day) if p >= 0 else NO_PERSON
        once = operator[row] != AGAIN
        if when != USED:
            tally[record[row] & 15, when] += 1 if once else 0
            continue
        first = slot_start[slot[row]]
        for entry in range(first, slot_start[slot[row] + 1]):
            s, v, reason = slot_stream[entry], slot_level[entry], USED
            if math.isnan(v):
                v = value[row]
                if numeric[s]:
                    u = unit[row] if unit[row] != 0 else slot_assumed[entry]
                    if math.isnan(v):
                        reason = NO_VALUE
                    elif u != 0 and unit_start[s] < unit_start[s + 1]:
                        at = _unit_at(u, unit_start[s], unit_start[s + 1], unit_id)
                        reason, v = (UNIT, v) if at < 0 else (USED, v * unit_times[at] + unit_plus[at])
                    if reason == USED:
                        reason, v = _checked(v, operator[row], low[s], high[s], less_than[s], floor[s])
            if reason == USED:
                kept_row[n], kept_entry[n], kept_value[n] = row, entry, v
                counts[p, s] += 1
                n += 1
            elif entry == first and once:
                tally[record[row] & 15, reason] += 1
    return n


@compiled
def _last_day(day, until, supply):
    """Last day of a prescription: as recorded, else the days supplied from its first day on."""
    return day + int(supply) - 1 if until <= MIN_DAY and 1 <= supply < 1e6 else until


@compiled
def place(n, kept, rows, slots, fill, history, concept):
    """Second pass: write each record where the first pass made room for it."""
    person, slot, day, until, value, _, operator, entered, record = rows
    kept_row, kept_entry, kept_value = kept
    h_day, h_until, h_value, h_entered, h_record = history
    slot_start, slot_stream = slots[0], slots[1]
    for i in range(n):
        row, entry = kept_row[i], kept_entry[i]
        s = slot_stream[entry]
        at = fill[person[row], s]
        fill[person[row], s] = at + 1
        d = day[row]
        u = _last_day(d, until[row], value[row]) if record[row] & 15 == DRUG else until[row]
        h_day[at], h_until[at], h_value[at], h_entered[at] = d, max(u, d), kept_value[i], max(entered[row], d)
        counted = entry == slot_start[slot[row]] and operator[row] != AGAIN  # once, where first asked
        h_record[at] = record[row] * 2 + (1 if counted else 0)
        concept[at] = slot[row]


@compiled
def room(counts, offset):
    """Turn counts into the first free position of each stream of each person, and `offset` into where each begins."""
    n, streams = counts.shape
    free = np.zeros(streams + 1, np.int64)
    for p in range(n):
        for s in range(streams):
            free[s + 1] += counts[p, s]
    for s in range(streams):
        free[s + 1] += free[s]
    for p in range(n):
        for s in range(streams):
            size = counts[p, s]
            counts[p, s] = offset[s, p] = free[s]
            free[s] += size
    for s in range(streams):
        offset[s, n] = free[s]


@compiled
def locate(ids, wanted, found):
    """Position of each wanted id in the sorted `ids`, -1 if absent; quick because rows mostly come person by person."""
    at = 0
    for row in range(len(wanted)):
        if at >= len(ids) or ids[at] != wanted[row]:
            low, high = 0, len(ids)
            if at + 1 < len(ids) and ids[at + 1] == wanted[row]:
                low, high = at + 1, at + 1
            while low < high:
                middle = (low + high) // 2
                if ids[middle] < wanted[row]:
                    low = middle + 1
                else:
                    high = middle
            at = low
        found[row] = at if at < len(ids) and ids[at] == wanted[row] else -1


@compiled
def deal(person, chunk, order, bounds):
    """Rows by chunks of people, in whatever order they come: chunk c has `order[bounds[c]]` to `order[bounds[c + 1]]`.

    Rows of nobody (-1) go to the first chunk.
    """
    free = np.zeros(len(bounds), np.int64)
    for row in range(len(person)):
        free[max(0, person[row]) // chunk + 1] += 1
    for c in range(1, len(bounds)):
        free[c] += free[c - 1]
    bounds[:] = free
    for row in range(len(person)):
        c = max(0, person[row]) // chunk
        order[free[c]] = row
        free[c] += 1


@compiled
def count_base(stream, person, counts):
    for row in range(len(stream)):
        counts[person[row], stream[row]] += 1


@compiled
def fill_base(stream, person, first, last, level, fill, history, concept):
    """Observation periods, places and deprivation: facts that no check applies to."""
    for row in range(len(stream)):
        at = fill[person[row], stream[row]]
        fill[person[row], stream[row]] = at + 1
        history[0][at], history[1][at], history[2][at] = first[row], last[row], level[row]
        history[3][at], history[4][at], concept[at] = MIN_DAY, 0, -1


@compiled
def _after(i, j, day, value, record):
    """Whether record i sorts after record j: by day, value, record; NaN values are equal to each other."""
    if day[i] != day[j]:
        return day[i] > day[j]
    if value[i] != value[j] and not (math.isnan(value[i]) and math.isnan(value[j])):
        return value[i] > value[j] or math.isnan(value[i])
    return record[i] > record[j]


@compiled
def _swap(i, j, day, until, value, entered, record):
    day[i], day[j] = day[j], day[i]
    until[i], until[j] = until[j], until[i]
    value[i], value[j] = value[j], value[i]
    entered[i], entered[j] = entered[j], entered[i]
    record[i], record[j] = record[j], record[i]


@compiled
def _sort(start, stop, day, until, value, entered, record, concept):
    """Insertion sort, as slices are short and mostly in order already; Shell's gaps first where one is long."""
    gap = 1
    while 9 * gap < stop - start:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(start + gap, stop):
            j = i
            while j >= start + gap and _after(j - gap, j, day, value, record):
                _swap(j, j - gap, day, until, value, entered, record)
                concept[j], concept[j - gap] = concept[j - gap], concept[j]
                j -= gap
        gap //= 3


@compiled
def _copy_of(i, start, stop, day, value, concept):
    """The record among the sorted [start, stop) with the day, value and concept of record i behind them, else -1."""
    j = stop - 1
    while j >= start and day[j] == day[i]:
        same = value[j] == value[i] or (math.isnan(value[j]) and math.isnan(value[i]))
        if not same:  # values rise within a day
            return -1
        if concept[j] == concept[i]:
            return j
        j -= 1
    return -1


@compiled
def _fold(first, last, how, value, entered, record):
    """One record for a day: its position among [first, last), its value, and when the last of its parts was entered."""
    chosen, folded = first, value[first]
    if how == HIGHEST:
        chosen = last - 1
        folded = value[chosen]
    elif how == MEDIAN:
        middle = (first + last - 1) // 2
        chosen = middle
        other = (first + last) // 2
        folded = value[middle] if middle == other else (value[middle] + value[other]) / 2
    elif how == LAST:
        for k in range(first, last):
            if record[k] > record[chosen]:
                chosen = k
        folded = value[chosen]
    when = entered[first]
    for k in range(first, last):
        when = max(when, entered[k])
    return chosen, folded, when


@compiled
def _tally(record, reason, tally):
    if record & 1:
        tally[(record >> 1) & 15, reason] += 1


@compiled
def _distinct(start, stop, day, until, value, entered, record, concept, tally):
    """Drop repeated records of a slice, so that a repeated value does not weigh in a median; returns its new end."""
    kept = start + 1
    for i in range(start + 1, stop):
        j = _copy_of(i, start, kept, day, value, concept)
        if j >= 0:
            # What stands there twice was known from the first entry on: else a copy entered later would hide it.
            if entered[i] < entered[j]:
                record[i], record[j] = record[j], record[i]
                until[j], entered[j] = until[i], entered[i]
            _tally(record[i], DUPLICATE, tally)
            continue
        if kept != i:
            day[kept], until[kept], value[kept] = day[i], until[i], value[i]
            entered[kept], record[kept], concept[kept] = entered[i], record[i], concept[i]
        kept += 1
    return kept


@compiled
def finish(n_streams, n_people, offset, history, concept, same_day, tally):
    """Sort every slice, drop duplicates, fold days; returns the number of records left. `record` loses its flag bit.

    `tally` has shape (kinds, reasons): the kind is in the lowest four bits of a record.
    """
    day, until, value, entered, record = history
    write = 0
    for s in range(n_streams):
        how = same_day[s]
        for p in range(n_people):
            start, stop = offset[s, p], offset[s, p + 1]
            offset[s, p] = write
            if stop - start > 1:
                _sort(start, stop, day, until, value, entered, record, concept)
                if s > 0:
                    stop = _distinct(start, stop, day, until, value, entered, record, concept, tally)
            begin = write
            i = start
            while i < stop:
                j = i + 1
                if how != KEEP_ALL:
                    while j < stop and day[j] == day[i]:
                        j += 1
                chosen, folded, when = i, value[i], entered[i]
                if j > i + 1:
                    chosen, folded, when = _fold(i, j, how, value, entered, record)
                for k in range(i, j):
                    _tally(record[k], USED if k == chosen else SAME_DAY, tally)
                d, u, r = day[chosen], until[chosen], record[chosen] >> 1
                day[write], until[write], value[write], entered[write], record[write] = d, u, folded, when, r
                write += 1
                i = j
                if s == 0 and write - 1 > begin and day[write - 1] <= until[write - 2] + 1:
                    write -= 1  # observation periods that touch are one
                    until[write - 1] = max(until[write - 1], until[write])
        offset[s, n_people] = write
    return write


# Derived streams ------------------------------------------------------------------------------------------------------


@compiled
def _ckd_epi(umol, years, sex, a, ageing, female_factor, exponent_f, exponent_m, upper):
    k = 0.7 if sex == 0 else 0.9
    alpha = exponent_f if sex == 0 else exponent_m
    ratio = umol / 88.4 / k
    egfr = a * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** upper * ageing**years
    return egfr * female_factor if sex == 0 else egfr


@compiled
def _bmi_sds(bmi, years, sex):
    """Standard deviation score by the LMS method: ((bmi / M) ** L - 1) / (L * S), on a straight line between months."""
    if not (sex == 0 or sex == 1) or years < AGES[0] or years > AGES[-1]:
        return math.nan
    at = 0
    while at < len(AGES) - 2 and AGES[at + 1] <= years:
        at += 1
    share = (years - AGES[at]) / (AGES[at + 1] - AGES[at])
    who = int(sex)
    power = LMS[who, 0, at] + share * (LMS[who, 0, at + 1] - LMS[who, 0, at])
    middle = LMS[who, 1, at] + share * (LMS[who, 1, at + 1] - LMS[who, 1, at])
    spread = LMS[who, 2, at] + share * (LMS[who, 2, at + 1] - LMS[who, 2, at])
    return ((bmi / middle) ** power - 1.0) / (power * spread)


@compiled
def formula(which, x, y, age_days, sex, limits):
    """One value of a formula, NaN where it does not apply.

    CKD-EPI 2009 without ethnicity (Levey 2009, Ann Intern Med 150:604) and 2021 (Inker 2021, NEJM 385:1737), adults of
    known sex and birth only; body mass index, and its standard deviation score from 2 to 18 years; systolic pressure of
    a pair; a pair at or above two limits, or from an age on at or above two others; the age, of one sex if asked.
    """
    years = age_days / 365.25
    if which == AGE_AT:
        return years if years < OLDEST and (math.isinf(limits[0]) or sex == limits[0]) else math.nan
    if which == CKD_EPI_2009 or which == CKD_EPI_2021:
        if years < 18 or years >= OLDEST or not (sex == 0 or sex == 1):
            return math.nan
        if which == CKD_EPI_2009:
            return _ckd_epi(x, years, sex, 141.0, 0.993, 1.018, -0.329, -0.411, -1.209)
        return _ckd_epi(x, years, sex, 142.0, 0.9938, 1.012, -0.241, -0.302, -1.200)
    if which == BMI:
        return x / (y / 100.0) ** 2
    if which == BMI_SDS:
        asked = math.isinf(limits[0]) or limits[0] <= years < limits[1]
        return _bmi_sds(x, years, sex) if asked else math.nan
    if which == PRESSURE_PAIR:
        return x if y < x else math.nan
    if which == ABOVE:
        if not math.isinf(limits[2]) and years >= OLDEST:
            return math.nan
        first = 3 if years >= limits[2] else 0
        return 1.0 if x >= limits[first] or y >= limits[first + 1] else 0.0
    return math.nan


@compiled
def _move(source, target, history):
    history[0][target], history[1][target] = history[0][source], history[1][source]
    history[2][target], history[3][target] = history[2][source], history[3][source]
    history[4][target] = history[4][source]


@compiled
def _put(at, source, value, entered, history):
    _move(source, at, history)
    history[2][at], history[3][at] = value, entered


@compiled
def _either(start_a, stop_a, start_b, stop_b, prefer, history, at):
    """Merge two slices in order; with `prefer`, a day of the first hides that day of the second."""
    day, _, value, _, record = history
    i, j = start_a, start_b
    while i < stop_a or j < stop_b:
        if prefer and j < stop_b:
            k = i
            while k < stop_a and day[k] < day[j]:
                k += 1
            hidden = (k < stop_a and day[k] == day[j]) or (k > start_a and day[k - 1] == day[j])
            if hidden:
                j += 1
                continue
        take_b = i >= stop_a or (j < stop_b and _after(i, j, day, value, record))
        source = j if take_b else i
        _move(source, at, history)
        at += 1
        if take_b:
            j += 1
        else:
            i += 1
    return at


@compiled
def _formula(start_a, stop_a, start_b, stop_b, which, limits, birth, sex, history, at):
    """Values of one stream, or of two on the same day (the first of the day in the second), through a formula."""
    day, _, value, entered, _ = history
    two = which == BMI or which == PRESSURE_PAIR or which == ABOVE
    j = start_b
    for i in range(start_a, stop_a):
        y, when = math.nan, entered[i]
        if two:
            while j < stop_b and day[j] < day[i]:
                j += 1
            if j >= stop_b or day[j] != day[i]:
                continue
            y, when = value[j], max(when, entered[j])
        result = formula(which, value[i], y, day[i] - birth, sex, limits)
        if not math.isnan(result):
            _put(at, i, result, when, history)
            at += 1
    return at


@compiled
def _at_visit(start_a, stop_a, start_b, stop_b, history, at):
    """Records within the dates of a visit, dated by the first such visit."""
    day, until, value, entered, record = history
    begin = at
    for i in range(start_a, stop_a):
        for j in range(start_b, stop_b):
            if day[j] > day[i]:
                break
            if day[i] <= until[j]:
                _put(at, i, value[i], max(entered[i], entered[j]), history)
                day[at], until[at] = day[j], until[j]
                at += 1
                break
    for i in range(begin + 1, at):  # dated by the visit, so the order may have changed
        j = i
        while j > begin and _after(j - 1, j, day, value, record):
            _swap(j, j - 1, day, until, value, entered, record)
            j -= 1
    return at


@compiled
def _near(start_a, stop_a, start_b, stop_b, before, after, history, at):
    """Records with another one close by. Of several the one entered first: what came later must not hide it."""
    day, entered, value = history[0], history[3], history[2]
    for i in range(start_a, stop_a):
        other = -1
        for j in range(_search(day, start_b, stop_b, day[i] - before), stop_b):
            if day[j] > day[i] + after:
                break
            if other < 0 or entered[j] < entered[other]:
                other = j
                if entered[j] <= entered[i]:
                    break
        if other >= 0:
            _put(at, i, value[i], max(entered[i], entered[other]), history)
            at += 1
    return at


@compiled
def _only(start, stop, unvalued, limits, history, at):
    """Records whose value lies within two limits; those without one, if they are wanted."""
    value, entered = history[2], history[3]
    for i in range(start, stop):
        wanted = unvalued == 1 if math.isnan(value[i]) else limits[0] <= value[i] <= limits[1]
        if wanted:
            _put(at, i, value[i], entered[i], history)
            at += 1
    return at


@compiled
def _born(p, birth, offset, history, at):
    """The birth of a person, entered on the first day that anybody knew of them; none if nobody ever did."""
    if birth == MIN_DAY or offset[0, p] == offset[0, p + 1]:
        return at
    known = history[0][offset[0, p]]
    history[0][at], history[1][at], history[2][at] = birth, birth, math.nan
    history[3][at], history[4][at] = max(birth, known), -1  # no row of any table
    return at + 1


@compiled
def _of(p, stream, who, only_first, links, their_offset, theirs, history, at):
    """The records of every relative of one kind, or the first of each, in order."""
    start, relation, other, since = links
    day, until, value, entered, record = history
    begin = at
    for link in range(start[p], start[p + 1]):
        if relation[link] != who:
            continue
        q = other[link]
        last = their_offset[stream, q + 1]
        if only_first == 1:
            last = min(last, their_offset[stream, q] + 1)
        for i in range(their_offset[stream, q], last):
            day[at], until[at], value[at] = theirs[0][i], theirs[1][i], theirs[2][i]
            entered[at], record[at] = max(theirs[3][i], since[link]), theirs[4][i]
            j = at
            while j > begin and _after(j - 1, j, day, value, record):
                _swap(j, j - 1, day, until, value, entered, record)
                j -= 1
            at += 1
    return at


@compiled
def derive(plan, plan_limits, offset, history, people, at, links, their_offset, theirs):
    """Fill the derived streams one after the other behind the base streams; returns the number of records in all.

    `plan` has a row (kind, stream, a, b, first, second) for each derived stream, those it reads before it. `links` are
    the relatives of each person (start, relation, position, since); their histories are `their_offset` and `theirs`.
    """
    birth, _, sex = people[0], people[1], people[2]
    n_people = len(birth)
    for step in range(len(plan)):
        kind, s, a, b, first, second = plan[step]
        for p in range(n_people):
            offset[s, p] = at
            start_a, stop_a = offset[a, p], offset[a, p + 1]
            start_b, stop_b = offset[b, p], offset[b, p + 1]
            if kind == BORN:
                at = _born(p, birth[p], offset, history, at)
                continue
            if kind == OF:
                at = _of(p, a, first, second, links, their_offset, theirs, history, at)
                continue
            if start_a == stop_a and (start_b == stop_b or kind > PREFER):
                continue
            if kind == EITHER or kind == PREFER:
                at = _either(start_a, stop_a, start_b, stop_b, kind == PREFER, history, at)
            elif kind == FORMULA:
                limits = plan_limits[step]
                at = _formula(start_a, stop_a, start_b, stop_b, first, limits, birth[p], sex[p], history, at)
            elif kind == AT:
                at = _at_visit(start_a, stop_a, start_b, stop_b, history, at)
            elif kind == ONLY:
                at = _only(start_a, stop_a, first, plan_limits[step], history, at)
            else:
                at = _near(start_a, stop_a, start_b, stop_b, first, second, history, at)
        offset[s, n_people] = at
    return at


# A programme over people and index dates ------------------------------------------------------------------------------


@compiled
def _bounds(c, index, birth, anchor):
    """First day of the window, the day after its last, and the day by which a record must have been entered."""
    kind = c[ANCHOR]
    at = index if kind == AT_INDEX else birth if kind == AT_BIRTH else c[ANCHOR_AT]
    if kind == AT_REGISTER:
        if math.isnan(anchor):
            return MAX_DAY, MAX_DAY, index
        at = int(anchor)
    low = MIN_DAY if c[FROM_EVER] else add_months(at, c[FROM_MONTHS]) + c[FROM_DAYS]
    if c[AFTER_INDEX]:
        high = MAX_DAY if c[UNTIL_OPEN] else add_months(at, c[UNTIL_MONTHS]) + c[UNTIL_DAYS]
        return low, high, MAX_DAY
    high = index if c[UNTIL_OPEN] else min(index, add_months(at, c[UNTIL_MONTHS]) + c[UNTIL_DAYS])
    return low, high, index


@compiled
def _search(day, start, stop, target):
    """First position of [start, stop) whose day is at least target."""
    if stop - start < 16:
        while start < stop and day[start] < target:
            start += 1
        return start
    while start < stop:
        middle = (start + stop) // 2
        if day[middle] < target:
            start = middle + 1
        else:
            stop = middle
    return start


@compiled
def _sees(i, before, test, low, high, value, entered):
    """Whether record i was entered in time and passes the test on its value."""
    if entered[i] >= before:
        return False
    if test == 0:
        return True
    v = value[i]
    return (test & TEST_AT_LEAST == 0 or v >= low) and (test & TEST_BELOW == 0 or v < high)


@compiled
def _newest(start, stop, before, test, low, high, nth, value, entered):
    """Position of the nth newest visible record, or -1 (from the end, so most searches stop at once)."""
    for i in range(stop - 1, start - 1, -1):
        if _sees(i, before, test, low, high, value, entered):
            nth -= 1
            if nth <= 0:
                return i
    return -1


@compiled
def _oldest(start, stop, before, test, low, high, nth, value, entered):
    for i in range(start, stop):
        if _sees(i, before, test, low, high, value, entered):
            nth -= 1
            if nth <= 0:
                return i
    return -1


@compiled
def _nth_day(start, stop, before, test, low, high, nth, apart, day, value, entered):
    """Position of the first visible record of the nth day (or episode, `apart` days after the record before), or -1."""
    previous = MIN_DAY
    for i in range(start, stop):
        if _sees(i, before, test, low, high, value, entered):
            if day[i] - previous >= max(apart, 1):
                nth -= 1
                if nth <= 0:
                    return i
            previous = day[i]
    return -1


@compiled
def _episodes(start, stop, before, test, low, high, apart, day, value, entered):
    """How many records, or how many that start an episode: `apart` days or more after the visible one before."""
    count, newest, previous = 0, -1, MIN_DAY
    for i in range(start, stop):
        if _sees(i, before, test, low, high, value, entered):
            if apart <= 0 or day[i] - previous >= apart:
                count += 1
            previous = day[i]
            newest = i
    return count, newest


@compiled
def _values(start, stop, before, test, low, high, last_n, value, entered):
    """Positions of visible records with a value, oldest first; only the newest n if asked."""
    if last_n > 0:
        oldest = _newest(start, stop, before, test, low, high, last_n, value, entered)
        start = oldest if oldest >= 0 else start
    n = 0
    found = np.empty(stop - start, np.int64)
    for i in range(start, stop):
        if _sees(i, before, test, low, high, value, entered) and not math.isnan(value[i]):
            found[n] = i
            n += 1
    return found[:n]


@compiled
def _summary(word, found, value):
    """One number for the values at some positions, and the position that decided it."""
    n = len(found)
    newest = found[n - 1]
    if word == MEDIAN_OF:
        return np.median(value[found]), newest
    if word == HIGHEST_OF or word == LOWEST_OF:
        best = found[0]
        for i in found:
            if (value[i] >= value[best]) if word == HIGHEST_OF else (value[i] <= value[best]):
                best = i
        return value[best], best
    shift, total, squares = value[found[0]], 0.0, 0.0  # from the first value, so that large means lose no digits
    for i in found:
        d = value[i] - shift
        total += d
        squares += d * d
    if word == TOTAL:
        return shift * n + total, newest
    if word == MEAN:
        return shift + total / n, newest
    if n < 2:
        return math.nan, -1
    return math.sqrt(max(0.0, (squares - total * total / n) / (n - 1))), newest


@compiled
def _slope(found, least, span, day, value):
    """Least squares change per 365.25 days."""
    n = len(found)
    if n < max(2, least):
        return math.nan, -1
    first = day[found[0]]
    if day[found[n - 1]] - first < max(1, span):
        return math.nan, -1
    sx, sy, sxx, sxy = 0.0, 0.0, 0.0, 0.0
    for i in found:
        x, y = float(day[i] - first), value[i] - value[found[0]]
        sx += x
        sy += y
        sxx += x * x
        sxy += x * y
    return (n * sxy - sx * sy) / (n * sxx - sx * sx) * 365.25, found[n - 1]


@compiled
def _days_covered(begin, stop, first, last, before, test, low, high, day, until, value, entered):
    """Days of [first, last) inside the dates of visible records, each day once."""
    total, reached, newest = 0, first, -1
    for i in range(begin, stop):
        if _sees(i, before, test, low, high, value, entered):
            start, end = max(day[i], reached), min(until[i] + 1, last)
            if end > start:
                total += end - start
                reached = end
                newest = i
    return total, newest


@compiled
def _confirmed(begin, stop, first, before, test, low, high, apart, within, unbroken, day, value, entered):
    """Position of the record that confirms an earlier one, or -1."""
    run = -1
    for i in range(begin, stop):
        if entered[i] >= before:
            continue
        if not _sees(i, before, test, low, high, value, entered):
            run = -1
            continue
        run = i if run < 0 else run
        if day[i] < first:
            continue
        if unbroken and within < 0:  # the run's first record is the furthest away
            if run < i and day[i] - day[run] >= apart:
                return i
            continue
        for j in range(i - 1, (run if unbroken else begin) - 1, -1):
            gap = day[i] - day[j]
            if within >= 0 and gap > within:
                break
            if gap >= apart and _sees(j, before, test, low, high, value, entered):
                return i
    return -1


@compiled
def _dose(start, stop, before, n, interval, ages, birth, day, entered):
    """Position of the nth valid dose, or -1. `ages` holds (months, days) for the first doses."""
    given, previous = 0, MIN_DAY
    for i in range(start, stop):
        if entered[i] >= before or day[i] - previous < interval:
            continue
        if given < len(ages) // 2:
            old_enough = add_months(birth, ages[2 * given]) + ages[2 * given + 1]
            if day[i] < old_enough:
                continue
        given += 1
        previous = day[i]
        if given >= n:
            return i
    return -1


@compiled
def _nearest(start, stop, before, test, low, high, target, day, value, entered):
    best = -1
    for i in range(start, stop):
        if _sees(i, before, test, low, high, value, entered):
            if best < 0 or abs(day[i] - target) < abs(day[best] - target):
                best = i
    return best


@compiled
def _anchor_day(c, index, birth, registers, r):
    """The day from which `Since` counts."""
    if c[ANCHOR] == AT_INDEX:
        return index
    if c[ANCHOR] == AT_BIRTH:
        return birth
    return c[ANCHOR_AT] if c[ANCHOR] == AT_DAY else int(registers[c[ANCHOR_AT], r])


@compiled
def _look(
    s,
    c,
    limit,
    args,
    registers,
    which,
    person,
    index,
    known,
    birth,
    sex,
    offset,
    covered,
    sexed,
    day,
    until,
    value,
    entered,
):
    """A word that looks at a stream, for the rows of a block.

    The columns of a history come one by one: taking them out of a tuple in here would count references for each row.
    """
    word, test, keep = c[WORD], c[TEST], which.shape[0] > 0
    for r in range(len(person)):
        p, at = person[r], index[r]
        anchor = registers[c[ANCHOR_AT], r] if c[ANCHOR] == AT_REGISTER else 0.0
        first, last, before = _bounds(c, at, birth[p], anchor)
        begin, end = offset[p], offset[p + 1]
        start = begin if first <= MIN_DAY else _search(day, begin, end, first)
        stop = _search_back(day, start, end, last)
        low, high = limit[0], limit[1]
        if test & SHARE_AT_LEAST:
            low *= registers[c[A], r]
        if test & SHARE_BELOW:
            high *= registers[c[B], r]
        if test & TEST_AT_MOST:
            high = np.nextafter(high, math.inf)
        complete = first < MAX_DAY and covered <= max(first, birth[p], known[r]) and not (sexed and _no_sex(sex[p]))
        if c[LAST_N] > 0 and word <= SINCE:
            start = max(start, _newest(start, stop, before, test, low, high, c[LAST_N], value, entered))
        found, i = math.nan, -1
        if word == HAS:
            i = _newest(start, stop, before, test, low, high, 1, value, entered)
            found = 1.0 if i >= 0 else 0.0 if complete else math.nan
        elif word == LATEST or word == EARLIEST or word == SINCE:
            oldest = word == EARLIEST or (word == SINCE and limit[2] == 1.0)
            if oldest:
                i = _oldest(start, stop, before, test, low, high, 1, value, entered)
            else:
                i = _newest(start, stop, before, test, low, high, 1, value, entered)
            if i >= 0 and word != SINCE:
                found = float(day[i]) if limit[3] == 1.0 else value[i]
            elif i >= 0:
                length = _anchor_day(c, at, birth[p], registers, r) - day[i]
                length = length if c[ANCHOR] == AT_INDEX else -length
                found = length / 365.25 if limit[3] == 1.0 else float(length)
        elif word == COUNT:
            count, i = _episodes(start, stop, before, test, low, high, c[APART], day, value, entered)
            found = float(count) if complete else math.nan
        elif word == FIRST_DAY:
            nth = max(1, c[LAST_N])
            i = _nth_day(start, stop, before, test, low, high, nth, c[APART], day, value, entered)
            found = float(day[i]) if i >= 0 else math.nan
        elif word == CONFIRMED:
            within, unbroken = int(limit[2]), limit[3] == 1.0
            i = _confirmed(begin, stop, first, before, test, low, high, c[APART], within, unbroken, day, value, entered)
            found = float(day[i]) if i >= 0 else math.nan
        else:
            found, i = _look_further(
                c,
                limit,
                args,
                p,
                at,
                known[r],
                birth[p],
                begin,
                start,
                stop,
                first,
                last,
                before,
                low,
                high,
                complete,
                day,
                until,
                value,
                entered,
            )
        registers[s, r] = found
        if keep:
            which[s, r] = i


@compiled
def _look_further(
    c,
    limit,
    args,
    p,
    index,
    known,
    birth,
    begin,
    start,
    stop,
    first,
    last,
    before,
    low,
    high,
    complete,
    day,
    until,
    value,
    entered,
):
    """The rarer words that look at a stream, for one row."""
    word, test = c[WORD], c[TEST]
    if word == DOSE:
        ages = args[c[A] : c[A] + 2 * c[B]]
        i = _dose(start, stop, before, c[LAST_N], int(limit[2]), ages, birth, day, entered)
        return (float(day[i]), i) if i >= 0 else (math.nan, -1)
    if word == COVERED:
        since = max(birth, known) if first <= MIN_DAY else first
        total, i = _days_covered(begin, stop, since, last, before, test, low, high, day, until, value, entered)
        if not complete or last <= since:
            return math.nan, -1
        return (total / float(last - since) if limit[2] == 1.0 else float(total)), i
    if word == NEAREST:
        i = _nearest(start, stop, before, test, low, high, add_months(birth, c[A]) + c[B], day, value, entered)
        if i < 0:
            return math.nan, -1
        return (float(day[i]) if limit[3] == 1.0 else value[i]), i
    if word == TOTAL and not complete:
        return math.nan, -1
    found = _values(start, stop, before, test, low, high, c[LAST_N], value, entered)
    if len(found) == 0:
        return (0.0 if word == TOTAL else math.nan), -1
    if word == SLOPE:
        return _slope(found, int(limit[2]), int(limit[3]), day, value)
    return _summary(word, found, value)


@compiled
def _search_back(day, start, stop, target):
    """First position of [start, stop) whose day is at least target, expected near the end."""
    if target >= MAX_DAY:
        return stop
    if stop - start >= 16:
        return _search(day, start, stop, target)
    while stop > start and day[stop - 1] >= target:
        stop -= 1
    return stop


@compiled
def _fact(s, c, registers, person, index, known, birth, sex, ethnicity, offset, day, value):
    """A word about the person or the calendar, for the rows of a block."""
    word = c[WORD]
    for r in range(len(person)):
        p, at = person[r], index[r]
        found = math.nan
        if word == PERSON:
            found = sex[p] if c[A] == 0 else ethnicity[p]
        elif word == PLACE:
            i = _search(day, offset[p], offset[p + 1], at) - 1
            found = value[i] if i >= offset[p] else math.nan
        elif word == AGE:
            if birth[p] > MIN_DAY:
                months = completed_months(birth[p], at)
                found = float(months if c[A] == 1 else months // 12)
        elif word == OBSERVED:
            found = float(at - known[r]) if known[r] > MIN_DAY else math.nan
        else:
            year, month, _ = civil(at)
            start = from_civil(year if month >= 9 else year - 1, 9, 1)
            found = float(month) if c[A] == 0 else float((at - start) // 7)
        registers[s, r] = found


@compiled
def _compare(how, left, right):
    if math.isnan(left) or math.isnan(right):
        return math.nan
    if how == 0:
        return 1.0 if left < right else 0.0
    if how == 1:
        return 1.0 if left >= right else 0.0
    if how == 2:
        return 1.0 if left > right else 0.0
    if how == 3:
        return 1.0 if left <= right else 0.0
    return 1.0 if left == right else 0.0


@compiled
def _together(c, args, registers, r):
    """All, Any, Number or Choice of several registers: value and the register whose record decided."""
    word, first, n = c[WORD], c[A], c[B]
    missing, held = False, 0
    for k in range(n):
        v = registers[args[first + k], r]
        if math.isnan(v):
            missing = True
            if word == CHOICE:
                return math.nan, -1
        elif v != 0.0:
            held += 1
            if word == ANY:
                return 1.0, args[first + k]
            if word == CHOICE:
                return float(k), args[first + k]
        elif word == ALL:
            return 0.0, args[first + k]
    if word == CHOICE:
        return float(n), -1
    if missing:
        return math.nan, -1
    if word == NUMBER:
        return float(held), -1
    return (1.0, args[first]) if word == ALL else (0.0, -1)


@compiled
def _combine(s, c, limit, args, registers, which, n):
    """A word that reads earlier registers, for the rows of a block; its record is that of the deciding register."""
    word, keep = c[WORD], which.shape[0] > 0
    for r in range(n):
        source = c[A]
        if word == ALL or word == ANY or word == NUMBER or word == CHOICE:
            found, source = _together(c, args, registers, r)
        else:
            a = registers[c[A], r]
            if word == NOT:
                found = math.nan if math.isnan(a) else (0.0 if a != 0.0 else 1.0)
            elif word == COMPARE:
                found = _compare(c[B], a, limit[0])
            elif word == GIVEN:
                found = a if registers[c[B], r] == 1.0 else math.nan
            else:
                b = registers[c[B], r]
                found = a - b if word == DIFFERENCE else (a / b if b != 0.0 else math.nan)
        registers[s, r] = found
        if keep:
            which[s, r] = which[source, r] if source >= 0 else -1


@compiled
def _missing(s, c, registers, which, person, index, known, birth, sex, covered, sexed):
    """True where a register has no value although nothing can be missing from its window."""
    keep, stream = which.shape[0] > 0, max(0, c[STREAM])
    for r in range(len(person)):
        p = person[r]
        absent = math.isnan(registers[c[A], r])
        found = 0.0
        if absent:
            anchor = registers[c[ANCHOR_AT], r] if c[ANCHOR] == AT_REGISTER else 0.0
            first, _, _ = _bounds(c, index[r], birth[p], anchor)
            complete = first < MAX_DAY and covered[stream] <= max(first, birth[p], known[r])
            complete = complete and not (sexed[stream] and _no_sex(sex[p]))
            found = 1.0 if c[STREAM] < 0 or complete else math.nan
        registers[s, r] = found
        if keep:
            which[s, r] = -1 if absent else which[c[A], r]


@compiled
def _no_sex(sex):
    """Whether a formula that needs the sex cannot be worked out, so that the lack of its records says nothing."""
    return not (sex == 0 or sex == 1)


@compiled
def _known_since(p, index, offset, day, until):
    """First day of the observation period (stream 0) that holds the day before the index date; 0 days if outside."""
    for i in range(offset[0, p + 1] - 1, offset[0, p] - 1, -1):
        if day[i] <= index and until[i] >= index - 1:
            return day[i]
    return index if offset[0, p + 1] > offset[0, p] else MIN_DAY


@compiled
def _step(code, limits, s):
    """A step's columns and limits as plain numbers: read from arrays, they would be read again for each row."""
    c, limit = code[s], limits[s]
    columns = (c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10], c[11], c[12], c[13], c[14], c[15])
    return columns, (limit[0], limit[1], limit[2], limit[3])


@compiled
def run(
    code, limits, args, columns, kept, rows, people, offset, history, covered, sexed, values, registers_out, which_out
):
    """Run a programme over rows (person, index date).

    A stream is complete from the day in `covered` on; one that is `sexed` is not where the person's sex is not known.

    `columns` are the registers that become float32 `values`; `kept` those that stay float64 in `registers_out`. With
    an empty `which_out` no positions are kept; else `which_out[step, row]` is the position in the history that decided.
    """
    all_person, all_index = rows
    birth, sex, ethnicity = people[0], people[2], people[3]
    day, until, value, entered = history[0], history[1], history[2], history[3]
    n_steps = len(code)
    registers = np.empty((n_steps, BLOCK), np.float64)
    which = np.empty((n_steps if which_out.shape[0] > 0 else 0, BLOCK), np.int64)
    known = np.empty(BLOCK, np.int64)
    for begin in range(0, len(all_person), BLOCK):
        n = min(BLOCK, len(all_person) - begin)
        person, index = all_person[begin : begin + n], all_index[begin : begin + n]
        for r in range(n):
            known[r] = _known_since(person[r], index[r], offset, day, until)
        for s in range(n_steps):
            c, limit = _step(code, limits, s)
            stream = max(0, c[STREAM])
            if c[WORD] <= DOSE:
                _look(
                    s,
                    c,
                    limit,
                    args,
                    registers,
                    which,
                    person,
                    index,
                    known,
                    birth,
                    sex,
                    offset[stream],
                    covered[stream],
                    sexed[stream],
                    day,
                    until,
                    value,
                    entered,
                )
            elif c[WORD] <= CALENDAR:
                _fact(s, c, registers, person, index, known, birth, sex, ethnicity, offset[stream], day, value)
                if which.shape[0] > 0:
                    which[s, :n] = -1
            elif c[WORD] == MISSING:
                _missing(s, c, registers, which, person, index, known, birth, sex, covered, sexed)
            else:
                _combine(s, c, limit, args, registers, which, n)
        for r in range(n):
            for k in range(len(columns)):
                values[begin + r, k] = registers[columns[k], r]
            for k in range(len(kept)):
                registers_out[begin + r, k] = registers[kept[k], r]
        for s in range(which_out.shape[0]):
            for r in range(n):
                which_out[s, begin + r] = which[s, r]


# Index dates ----------------------------------------------------------------------------------------------------------


@compiled
def draw(person_id, period):
    """A number in [0, 1) for a person and a period, the same in every source and run (splitmix64)."""
    z = np.uint64(person_id) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(period + 100000) * np.uint64(
        0xD1B54A32D192ED03
    )
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return float(z >> np.uint64(11)) / 9007199254740992.0


@compiled
def _landmark(person_id, period, monthly, on):
    """The landmark of a year or of a month (counted since year 0): a fixed day of it, or a random one if `on` is 0."""
    if monthly:
        first = from_civil(period // 12, period % 12 + 1, 1)
        following = from_civil((period + 1) // 12, (period + 1) % 12 + 1, 1)
    else:
        first, following = from_civil(period, 1, 1), from_civil(period + 1, 1, 1)
    length = following - first
    return first + (int(draw(person_id, period) * length) if on == 0 else min(on, length) - 1)


@compiled
def every(ids, monthly, on, one_a_year, last_day, people, offset, history, person_out, index_out):
    """Landmarks inside observation periods, until `last_day`; returns how many (written if the outputs have room)."""
    n = 0
    for p in range(len(ids)):
        for i in range(offset[0, p], offset[0, p + 1]):
            first, last = max(history[0][i], people[0][p]), min(history[1][i], last_day, people[1][p])
            if last < first:
                continue
            y0, m0, _ = civil(first)
            y1, m1, _ = civil(last)
            start, stop = (y0 * 12 + m0 - 1, y1 * 12 + m1 - 1) if monthly else (y0, y1)
            for period in range(start, stop + 1):
                if monthly and one_a_year and int(draw(ids[p], period // 12) * 12) != period % 12:
                    continue
                day = _landmark(ids[p], period, monthly, on)
                if first <= day <= last:
                    if n < len(index_out):
                        person_out[n], index_out[n] = p, day
                    n += 1
    return n


@compiled
def at_age(months, days, last_day, people, offset, history, person_out, index_out):
    """The day on which each person reaches an age, if observed then; counted, and written if the outputs have room."""
    n = 0
    for p in range(len(people[0])):
        day = add_months(people[0][p], months) + days
        for i in range(offset[0, p], offset[0, p + 1]):
            if history[0][i] <= day <= min(history[1][i], last_day, people[1][p]):
                if n < len(index_out):
                    person_out[n], index_out[n] = p, day
                n += 1
                break
    return n


@compiled
def _known(i, day, entered):
    """The day on which a record is known."""
    return max(day[i], entered[i])


@compiled
def _fresh(i, begin, washout, on, day, entered):
    """Whether no record that is known on a day lies in the washout before record i."""
    for j in range(i - 1, begin - 1, -1):
        if day[i] - day[j] > max(washout, 0):
            return True
        if _known(j, day, entered) <= on:
            return False
    return True


@compiled
def _opens(i, begin, washout, day, entered):
    """Whether record i gives an index date, and no record before it gives the same one.

    What is entered after the day on which record i became known must not take its index date away.
    """
    on = _known(i, day, entered)
    if not _fresh(i, begin, washout, on, day, entered):
        return False
    for j in range(begin, i):
        if _known(j, day, entered) == on and _fresh(j, begin, washout, on, day, entered):
            return False
    return True


@compiled
def _first_known(begin, end, day, entered):
    """Position of the record that is known first; of several that of the earliest day."""
    first = begin
    for i in range(begin + 1, end):
        if _known(i, day, entered) < _known(first, day, entered):
            first = i
    return first


@compiled
def after(stream, only_first, washout, plus, last_day, people, offset, history, person_out, index_out):
    """The day after records of a stream that have none in the washout before them, if observed then.

    A record is acted on when it is known: the day after its entry. Records entered together give one index date.
    """
    day_of, entered = history[0], history[3]
    n = 0
    for p in range(len(people[0])):
        begin, end = offset[stream, p], offset[stream, p + 1]
        first = _first_known(begin, end, day_of, entered) if only_first else begin
        for i in range(first, min(first + 1, end) if only_first else end):
            day = _known(i, day_of, entered) + 1 + plus
            if (
                (only_first or _opens(i, begin, washout, day_of, entered))
                and _known_since(p, day, offset, history[0], history[1]) < day
                and day <= min(last_day, people[1][p])
            ):
                if n < len(index_out):
                    person_out[n], index_out[n] = p, day
                n += 1
    return n


@compiled
def watched_until(rows, offset, history, out):
    """Last day of the observation period that holds each index date; the day before it if none does."""
    person, index = rows
    for r in range(len(person)):
        p = person[r]
        out[r] = index[r] - 1
        for i in range(offset[0, p], offset[0, p + 1]):
            if history[0][i] <= index[r] <= history[1][i]:
                out[r] = history[1][i]
                break


@compiled
def place_at(stream, rows, offset, history, out):
    """Level of a dated place or deprivation fifth as at each index date, NaN if unknown."""
    person, index = rows
    for r in range(len(person)):
        start = offset[stream, person[r]]
        i = _search(history[0], start, offset[stream, person[r] + 1], index[r]) - 1
        out[r] = history[2][i] if i >= start else math.nan


@compiled
def newest_days(index, offset, history, out):
    """For each stream of one person the day of the newest record known before the index date, MIN_DAY if none."""
    for s in range(len(out)):
        out[s] = MIN_DAY
        for i in range(offset[s, 1] - 1, offset[s, 0] - 1, -1):
            if history[0][i] < index and history[3][i] < index:
                out[s] = history[0][i]
                break


@compiled
def seen(c, limit, registers, index, birth, anchor, start, stop, history):
    """Positions of the records of one person that a word of `OF_SEVERAL` was made of, oldest first.

    `start` to `stop` is the person's part of the word's stream, `anchor` the register of the window's anchor.
    """
    day, value, entered = history[0], history[2], history[3]
    first, last, before = _bounds(c, index, birth, anchor)
    start = _search(day, start, stop, first)
    stop = _search(day, start, stop, last)
    low, high, test = limit[0], limit[1], c[TEST]
    if test & SHARE_AT_LEAST:
        low *= registers[c[A]]
    if test & SHARE_BELOW:
        high *= registers[c[B]]
    if test & TEST_AT_MOST:
        high = np.nextafter(high, math.inf)
    return _values(start, stop, before, test, low, high, c[LAST_N], value, entered)


@compiled
def ages(birth, rows, out):
    """Completed years of each row at its index date."""
    person, index = rows
    for r in range(len(person)):
        out[r] = completed_months(birth[person[r]], index[r]) // 12


@compiled
def births(year, month, dom, out):
    """Days of birth: mid-month if only the month is known, 1 July if only the year is (0 stands for unknown).

    Without a year the birth is MIN_DAY: such people have no age, and none is guessed.
    """
    for row in range(len(year)):
        if year[row] <= 0:
            out[row] = MIN_DAY
            continue
        m = month[row] if month[row] > 0 else 7
        d = (dom[row] if dom[row] > 0 else 15) if month[row] > 0 else 1
        out[row] = from_civil(year[row], m, d)
