"""How many bytes of strangers' documents may be in hand at once, however many requests there are.

Sixty-four documents of 10 MiB would be 640 MiB. Counted in bytes instead, small documents never wait, and large ones
wait for one another.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Room:
    """Room for so many bytes. One Room belongs to one event loop."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: dict[Place, int] = {}  # the eldest first
        self._waiting: dict[Place, tuple[int, asyncio.Future[None]]] = {}

    @property
    def used(self) -> int:
        """Bytes in hand now: at most the room's size and one document."""
        return sum(self._held.values())

    @contextmanager
    def place(self) -> Iterator["Place"]:
        """A place for one document, which is given back at the end."""
        place = Place(self)
        try:
            yield place
        finally:
            self._leave(place)

    def takes(self, place: "Place", size: int) -> bool:
        """Give `place` so many bytes more, if that can be now."""
        # The eldest document may always grow. So there is one that does not wait for the others, whatever they hold.
        is_eldest = next(iter(self._held), place) is place
        if not is_eldest and (self._waiting or self.used + size > self._size):
            return False
        self._held[place] = self._held.get(place, 0) + size
        return True

    async def wait(self, place: "Place", size: int) -> None:
        """Give `place` so many bytes more, once there is room; those who came first are first."""
        given = asyncio.get_running_loop().create_future()
        self._waiting[place] = (size, given)
        try:
            await given
        finally:
            self._waiting.pop(place, None)

    def _leave(self, place: "Place") -> None:
        self._held.pop(place, None)
        waiting, self._waiting = self._waiting, {}
        for other, (size, given) in waiting.items():
            if given.cancelled():
                continue
            if self.takes(other, size):
                given.set_result(None)
            else:
                self._waiting[other] = (size, given)


class Place:
    """What one document takes up in a Room."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def takes(self, size: int) -> bool:
        """Whether it could grow by `size` bytes at once; if so, it did."""
        return self._room.takes(self, size)

    async def take(self, size: int) -> None:
        """Grow by `size` bytes, when there is room for them."""
        if not self.takes(size):
            await self._room.wait(self, size)
