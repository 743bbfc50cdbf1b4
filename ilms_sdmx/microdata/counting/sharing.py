"""Leaves of one period that several tables and checks share."""

from __future__ import annotations

from collections.abc import Iterable

from ilms_sdmx.microdata.counting.counter import Counter
from ilms_sdmx.microdata.counting.leaves import Leaf, LeafRequest, planned


class Leaves:
    """Leaves of the records of one period, each asked of the engine once.

    Parameters
    ----------
    counter
        Counter of the period.
    requests
        What will be asked for: the leaves are planned from it.
    """

    def __init__(self, counter: Counter, requests: Iterable[LeafRequest] = ()) -> None:
        self.counter = counter
        self.plan = planned(requests, counter.sizes, counter.rows)
        self.read: dict[LeafRequest, Leaf] = {}
        self.rolled: dict[LeafRequest, Leaf] = {}

    def of(self, request: LeafRequest) -> Leaf:
        """Leaf with the columns of a request, in the order of their numbers."""
        if request not in self.rolled:
            columns = sorted(request.columns)
            if request.value:
                columns.append(request.value)
            leaf = self._read(self._source(request))
            self.rolled[request] = leaf.of(columns, with_units=request.with_units)
        return self.rolled[request]

    def _source(self, request: LeafRequest) -> LeafRequest:
        """Request of the plan that has what another asks for."""
        for known in self.plan:
            if known.holds(request):
                return known
        self.plan.append(request)
        return request

    def _read(self, request: LeafRequest) -> Leaf:
        if request not in self.read:
            self.read[request] = self.counter.leaf(request)
        return self.read[request]
