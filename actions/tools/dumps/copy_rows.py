"""The rows of one COPY, given to several sessions in turn: each runs the same COPY for its share of them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import psycopg

from actions.tools.dumps.lanes import Lane


class Rows:
    """A COPY that is run in the first lane, and in each further one once there are rows for it.

    `told` makes an exception for people of what the server said.
    """

    def __init__(
        self, lanes: Sequence[Lane], statement: bytes, told: Callable[[psycopg.Error], Exception]
    ) -> None:
        self._lanes = lanes
        self._statement = statement
        self._told = told
        self._writes: dict[Lane, psycopg.Copy] = {}
        self._begun: list[Lane] = []
        self._given = 0

    def give(self, data: bytes) -> None:
        """Whole lines, perhaps none."""
        lane = self._lanes[self._given % len(self._lanes)]
        if lane not in self._begun and (data or not self._begun):
            self._begun.append(lane)
            lane.do(self._begin)
        if data:
            self._given += 1
            lane.do(partial(self._write, data))

    def end(self) -> None:
        """There are no more."""
        for lane in self._begun:
            lane.do(self._end)

    def _begin(self, lane: Lane) -> None:
        with self._telling():
            self._writes[lane] = lane.open.enter_context(lane.session.cursor().copy(self._statement))

    def _write(self, data: bytes, lane: Lane) -> None:
        with self._telling():
            self._writes[lane].write(data)

    def _end(self, lane: Lane) -> None:
        with self._telling():
            lane.open.close()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._told(error) from error
