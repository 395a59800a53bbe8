"""Index dates are counted first and written then: while they are counted nothing is written beside the outputs."""

from __future__ import annotations

import numpy as np
import pytest

from features import kernel as k

BIRTHS = np.array([10_000, 11_000, 12_000])


@pytest.mark.parametrize("room", [0, 1, 3])
def test_an_age_is_written_only_where_there_is_room(room: int) -> None:
    people = (BIRTHS, np.full(3, k.MAX_DAY), np.zeros(3), np.zeros(3), np.zeros(3))
    offset, history = np.array([[0, 1, 2, 3]]), (BIRTHS, BIRTHS + 1000)
    person, day = np.full(6, -1), np.full(6, -1)

    found = k.at_age(0, 49, 20_000, people, offset, history, person[:room], day[:room])

    assert found == 3
    assert day.tolist() == [*(BIRTHS + 49)[:room].tolist(), *[-1] * (6 - room)]
    assert person.tolist() == [*range(room), *[-1] * (6 - room)]
