"""The files that a figure becomes, and how wide it is in print."""

from __future__ import annotations

from typing import Literal

FileFormat = Literal["svg", "pdf", "png"]
FORMATS: tuple[FileFormat, ...] = ("svg", "pdf", "png")

Width = Literal["one", "two"]
WIDTHS: dict[Width, float] = {"one": 85.0, "two": 178.0}
"""Millimetres of one and of two columns of a journal."""
