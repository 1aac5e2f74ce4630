"""The component as a widget: what it asks for comes as messages, and goes to the study of the notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from qualcode.drawing import join_modules, read_static

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.surface.asking import Answer
    from qualcode.surface.desk import Surface


class CodingWidget(anywidget.AnyWidget):
    """The coding surface in a cell of a notebook.

    Text and codings go to it as messages, never as traits: traits are saved in the notebook.

    Parameters
    ----------
    surface
        What it shows.
    transcript
        With which it begins; ``""``: where the coder stopped.
    height
        In pixels.
    """

    _esm = join_modules("widget")
    _css = read_static("surface.css")
    height = traitlets.Int(640).tag(sync=True)

    def __init__(self, surface: Surface, *, transcript: str, height: int) -> None:
        super().__init__(height=height)
        self._surface, self._transcript = surface, transcript
        self.on_msg(self._take)

    def _take(self, _: object, told: Mapping[str, Any], __: object) -> None:
        """Answer a message; what goes wrong here is shown nowhere else, so that it is an answer too."""
        try:
            answer = self._do(told)
        except Exception as error:  # noqa: BLE001  # a kernel shows no errors of messages
            answer = {"error": {"kind": "refused", "message": f"qualcode failed: {type(error).__name__}: {error}"}}
        self.send({"id": told.get("id"), "answer": answer})

    def _do(self, told: Mapping[str, Any]) -> Answer:
        op, data = told.get("op"), told.get("data")
        if not isinstance(op, str) or not isinstance(data, dict):
            return {"error": {"kind": "refused", "message": "What was sent cannot be read."}}
        if op == "open":
            data = {"t": self._transcript, **data}
        return self._surface.do(op, data)

    def close(self) -> None:
        """Take it away; all that was done is on disk."""
        super().close()
        if "_surface" in self.__dict__:
            self._surface.close()
