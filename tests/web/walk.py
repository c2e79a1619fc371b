"""The pages of the route table, each at an address that leads somewhere: what joins the table joins every walk."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import Mount, Route

from aggregator.model import Role
from aggregator.web.guard import Admission
from aggregator.web.routes import ROUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A route that can be read."""

    name: str
    path: str
    role: Role | None


def stops(given: Mapping[str, object]) -> tuple[Stop, ...]:
    """Every route that answers to GET, its parameters filled from `given`: by "route parameter", else by "parameter".

    What "route ?" gives is the query that its page needs.
    """
    found = []
    for route in ROUTES:
        assert isinstance(route, Route | Mount)
        if isinstance(route, Mount) or "GET" not in (route.methods or ()):
            continue
        path = route.path
        for parameter in re.findall(r"{(\w+)(?::\w+)?}", route.path):
            value = given.get(f"{route.name} {parameter}", given.get(parameter))
            assert value is not None, f"say what {parameter} of {route.path} may be"
            path = re.sub(rf"{{{parameter}(:\w+)?}}", str(value), path)
        query = given.get(f"{route.name} ?")
        path += f"?{query}" if query else ""
        found.append(Stop(name=route.name, path=path, role=role_of(route)))
    return tuple(found)


def stops_by_way(given: Mapping[str, object], sign_in: Callable[[], object]) -> Iterator[Stop]:
    """The same: those that are open to all as nobody, and, once `sign_in` was called, all others."""
    every = stops(given)
    yield from (stop for stop in every if stop.role is None)
    sign_in()
    yield from (stop for stop in every if stop.role is not None)


def role_of(route: Route | Mount) -> Role | None:
    """Who may use it."""
    app = route.app.app if isinstance(route.app, RequestBodyLimitMiddleware) else route.app
    assert isinstance(app, Admission), f"{route.path} has no door"
    return app.role
