"""Saving what polls found: in a thread, one transaction at a time, together when several wait for one another.

A transaction of its own for each poll cost a poll without news 1.3 ms of CPU, most of it for the lock, the commit and
the change of threads; together it is 0.4. What one poll saves is still all or nothing: when anything goes wrong, each
of them gets a transaction of its own.
"""

import asyncio
from collections.abc import Callable, Sequence
from itertools import islice
from typing import Generic, TypeVar

from aggregator.errors import StoreError
from aggregator.store.database import Database, Tx

MOST_TOGETHER = 64

_Found = TypeVar("_Found")
_Saved = TypeVar("_Saved")


class Saving(Generic[_Found, _Saved]):
    """Saves things by `write`, which gives what came of each. Belongs to one event loop."""

    def __init__(self, db: Database, write: Callable[[Tx, Sequence[_Found]], Sequence[_Saved]]) -> None:
        self._db = db
        self._write = write
        self._turn = asyncio.Lock()
        self._waiting: dict[asyncio.Future[_Saved], _Found] = {}  # in the order in which they came

    async def save(self, found: _Found) -> _Saved:
        """What came of it, once it is committed; it may be written again when it did not get so far.

        When cancelled, this waits for a transaction that has begun, however often, so that nothing writes after us.
        """
        saved: asyncio.Future[_Saved] = asyncio.get_running_loop().create_future()
        self._waiting[saved] = found
        try:
            async with self._turn:
                if not saved.done():
                    await self._save_some()
            return saved.result()
        finally:
            self._waiting.pop(saved, None)
            if not saved.cancel() and not saved.cancelled():
                saved.exception()  # it has been seen: asyncio would complain of one that nobody came for

    async def _save_some(self) -> None:
        some = list(islice(self._waiting, MOST_TOGETHER))
        found = [self._waiting.pop(future) for future in some]
        thread = asyncio.get_running_loop().run_in_executor(None, self._written, found)
        cancelled: asyncio.CancelledError | None = None
        while not thread.done():
            try:
                await asyncio.wait([thread])
            except asyncio.CancelledError as error:
                cancelled = error
        for future, result in zip(some, thread.result(), strict=True):
            if future.done():
                continue  # cancelled meanwhile
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)
        if cancelled is not None:
            raise cancelled

    def _written(self, found: Sequence[_Found]) -> Sequence[_Saved | Exception]:
        try:
            with self._db.write() as tx:
                return self._write(tx, found)
        except Exception as error:  # noqa: BLE001 -- whatever it is, whoever asked for the write hears of it
            if len(found) == 1:
                return [error]
            if isinstance(error, StoreError):
                return [error for _ in found]
        return [result for each in found for result in self._written([each])]
