"""The lock of a study within one program."""

from __future__ import annotations

import gc
import threading
from typing import TYPE_CHECKING, Any

from studies import begin_study

from qualcode.study.store import locks

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Collecting(dict[str, Any]):
    """Turns, of which asking makes Python throw away what has no use any more, as it may at any moment."""

    def setdefault(self, key: str, value: Any = None) -> Any:
        gc.collect()
        return super().setdefault(key, value)


def test_a_study_that_is_forgotten_while_another_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten, other = begin_study(tmp_path / "forgotten"), begin_study(tmp_path / "other")
    forgotten.decide("ana", "P07:t002", "scheduling", "accept")
    circle: list[Any] = [forgotten]
    circle.append(circle)
    monkeypatch.setattr(locks, "_turns", Collecting(locks._turns))
    layout = other.layout
    gc.disable()
    try:
        del forgotten, circle
        thread = threading.Thread(target=lambda: locks.StudyLock(layout), daemon=True)
        thread.start()
        thread.join(timeout=20)
    finally:
        gc.enable()
    assert not thread.is_alive()
    other.close()
