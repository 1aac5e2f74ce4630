"""One thread writes while others look through the same object: nobody is disturbed, and nothing is lost."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from studies import begin_study

from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

N_ACTS = 60


def test_readers_and_a_writer(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t002", "praise", "apply", note="first")
    span = study.segment("P07:t002")[1].span
    looks: tuple[Callable[[], object], ...] = (
        lambda: study.codings_in("ana", "P07", span),
        lambda: study.sheet("ana", "P07"),
        lambda: study.latest_act("ana"),
        lambda: study.log(coder="ana"),
    )
    is_over = threading.Event()
    errors: list[Exception] = []

    def read(look: Callable[[], object]) -> None:
        while not is_over.is_set():
            try:
                look()
            except Exception as error:  # noqa: BLE001
                errors.append(error)

    readers = [threading.Thread(target=read, args=(look,)) for look in looks]
    for reader in readers:
        reader.start()
    for number in range(N_ACTS):
        study.decide("ana", "P07:t002", "praise", "apply", note=str(number))
    is_over.set()
    for reader in readers:
        reader.join()
    assert errors == []
    study.close()
    fresh = Study(study.root)
    assert fresh.check() == []
    changes = (change for one in fresh.history("ana", "P07").events.values() for change in one.changes)
    assert [one.after.note for one in changes if one.after] == ["first", *map(str, range(N_ACTS))]
