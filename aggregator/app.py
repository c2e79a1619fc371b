"""The composition root: builds every part and hands each what it needs; holds no logic of its own."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Self

from aggregator import __version__
from aggregator.asking import Asking
from aggregator.clock import Calendar, Clock, system_clock
from aggregator.curate.bookmarks import Bookmarks
from aggregator.curate.desk import Desk
from aggregator.curate.suggestions import Suggestions
from aggregator.deliver.dispatches import Dispatches
from aggregator.deliver.letterbox import Letterbox
from aggregator.deliver.outbox import Outbox
from aggregator.deliver.posts.chosen import places_of
from aggregator.deliver.posts.places import Place
from aggregator.deliver.posts.posting import Posts
from aggregator.deliver.register import Register
from aggregator.deliver.returned.imap import mailbox_of
from aggregator.deliver.returned.paths import ReturnPaths
from aggregator.deliver.returned.returns import Returns
from aggregator.deliver.signing import SigningTransport, signer_for
from aggregator.deliver.subscribers import Subscribers
from aggregator.deliver.tokens import Tokens
from aggregator.deliver.transport import Transport, transport_for
from aggregator.digest.editor import Editor
from aggregator.digest.render import render
from aggregator.feeds.follow import Follow
from aggregator.feeds.imports import Imports
from aggregator.feeds.roster import Roster
from aggregator.feeds.upkeep import Upkeep
from aggregator.metrics import Metrics
from aggregator.model import Failed, ParsedFeed, Publication
from aggregator.outbound import Outbound
from aggregator.people import People
from aggregator.poll import parse
from aggregator.poll.fetch import Fetcher
from aggregator.poll.poller import Poller
from aggregator.poll.websub import Hubs
from aggregator.sandbox import Sandbox
from aggregator.settings import Settings
from aggregator.store.database import Database
from aggregator.store.migrate import open_database


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """Everything, wired. Use it as an async context manager: at its end, workers and files are let go."""

    settings: Settings
    publication: Publication
    calendar: Calendar
    clock: Clock
    metrics: Metrics
    db: Database
    outbound: Outbound
    sandbox: Sandbox
    follow: Follow
    upkeep: Upkeep
    roster: Roster
    imports: Imports
    hubs: Hubs
    poller: Poller
    desk: Desk
    bookmarks: Bookmarks
    editor: Editor
    people: People
    subscribers: Subscribers
    register: Register
    outbox: Outbox
    dispatches: Dispatches
    posts: Posts
    letterbox: Letterbox
    returns: Returns
    suggestions: Suggestions

    @property
    def chores(self) -> Mapping[str, Callable[[Callable[[], bool]], object]]:
        """What is done every minute besides polling."""
        return {
            "Publishing": lambda is_stopped: self.editor.publish_due(is_stopped),
            "Sending": lambda is_stopped: self.outbox.flush(is_stopped=is_stopped),
            "Answering sign-ups": lambda _: self.letterbox.send_due(),
            "Counting": self.roster.count,
            "Reading returned mail": lambda is_stopped: asyncio.run(self.returns.fetch_due(is_stopped=is_stopped)),
            "Forgetting": lambda _: self.subscribers.purge(),
            "Forgetting lists": lambda _: self.register.forget_old(),
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.sandbox.aclose()
        await self.outbound.aclose()
        self.db.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What several parts stand on."""

    settings: Settings
    clock: Clock
    db: Database
    publication: Publication
    tokens: Tokens
    paths: ReturnPaths
    transport: Transport
    outbound: Outbound
    asking: Asking
    sandbox: Sandbox
    places: Sequence[Place]
    metrics: Metrics


def open_app(settings: Settings, *, clock: Clock = system_clock) -> App:
    """The program, ready: the database opened and brought up to date.

    Raises the StoreErrors of `open_database`.
    """
    ground = _ground(settings, clock)
    db, publication, calendar = ground.db, ground.publication, settings.calendar
    asking, sandbox = ground.asking, ground.sandbox
    outbox = _outbox(ground)
    subscribers = Subscribers(db=db, clock=clock, publication=publication, tokens=ground.tokens)
    return App(
        settings=settings,
        publication=publication,
        calendar=calendar,
        clock=clock,
        metrics=ground.metrics,
        db=db,
        outbound=ground.outbound,
        sandbox=sandbox,
        follow=_follow(ground),
        upkeep=Upkeep(db=db, clock=clock, feeds_file=settings.feeds),
        roster=Roster(db=db, clock=clock),
        imports=Imports(db=db, clock=clock, feeds_file=settings.feeds, folder=settings.data / "lists"),
        hubs=Hubs(db=db, clock=clock, outbound=ground.outbound, sandbox=sandbox, base_url=settings.base_url),
        poller=_poller(ground),
        desk=Desk(db=db, clock=clock, calendar=calendar, outbound=asking, sandbox=sandbox),
        bookmarks=Bookmarks(db=db, clock=clock, calendar=calendar, outbound=asking, sandbox=sandbox),
        editor=_editor(ground, outbox),
        subscribers=subscribers,
        register=Register(db=db, clock=clock, subscribers=subscribers, folder=settings.data / "readers"),
        outbox=outbox,
        dispatches=Dispatches(db=db, clock=clock, canary=settings.canary, canary_wait=_canary_wait(settings)),
        posts=_posts(ground),
        letterbox=_letterbox(ground),
        returns=_returns(ground, subscribers),
        suggestions=Suggestions(db=db, clock=clock),
        people=People(db=db, clock=clock, base_url=publication.base_url, who_hash=ground.tokens.who_hash),
    )


def _ground(settings: Settings, clock: Clock) -> _Ground:
    db = open_database(settings.database, clock())
    publication = _publication(settings)
    tokens = Tokens(settings.data / "secret.key")
    outbound = _outbound(settings)
    return _Ground(
        settings=settings,
        clock=clock,
        db=db,
        publication=publication,
        tokens=tokens,
        paths=ReturnPaths(settings.bounce_address, publication=publication, tokens=tokens),
        transport=_transport(settings, publication),
        outbound=outbound,
        asking=Asking(db=db, clock=clock, outbound=outbound),
        sandbox=Sandbox(
            workers=settings.parse_workers, deadline=settings.parse_deadline, memory_mib=settings.parse_memory_mib
        ),
        places=places_of(settings, publication=publication, outbound=outbound, clock=clock),
        metrics=Metrics(),
    )


def _follow(ground: _Ground) -> Follow:
    return Follow(
        db=ground.db,
        clock=ground.clock,
        feeds_file=ground.settings.feeds,
        outbound=ground.asking,
        sandbox=ground.sandbox,
        read_feed=partial(_read_feed, ground.sandbox),
    )


def _poller(ground: _Ground) -> Poller:
    return Poller(
        db=ground.db,
        clock=ground.clock,
        fetcher=Fetcher(ground.outbound, ground.clock),
        sandbox=ground.sandbox,
        calendar=ground.settings.calendar,
        in_flight=ground.settings.in_flight,
        lock_path=ground.settings.data / "poll.lock",
        on_polled=ground.metrics.polled,
    )


def _editor(ground: _Ground, audience: Outbox) -> Editor:
    return Editor(
        db=ground.db,
        clock=ground.clock,
        publication=ground.publication,
        calendar=ground.settings.calendar,
        repeat_digests=ground.settings.repeat_digests,
        render=partial(render, publication=ground.publication),
        audience=audience,
        second_approver=ground.settings.second_approver,
    )


def _outbox(ground: _Ground) -> Outbox:
    settings = ground.settings
    return Outbox(
        db=ground.db,
        clock=ground.clock,
        publication=ground.publication,
        transport=ground.transport,
        tokens=ground.tokens,
        paths=ground.paths,
        lock_path=settings.data / "outbox.lock",
        mails_per_minute=settings.mails_per_minute if settings.smtp_host else 0,
        canary=settings.canary,
        canary_wait=_canary_wait(settings),
        places=[place.name for place in ground.places],
    )


def _posts(ground: _Ground) -> Posts:
    return Posts(
        db=ground.db,
        clock=ground.clock,
        publication=ground.publication,
        places=ground.places,
        lock_path=ground.settings.data / "posts.lock",
    )


def _letterbox(ground: _Ground) -> Letterbox:
    return Letterbox(
        db=ground.db,
        clock=ground.clock,
        publication=ground.publication,
        tokens=ground.tokens,
        paths=ground.paths,
        transport=ground.transport,
    )


def _returns(ground: _Ground, readers: Subscribers) -> Returns:
    return Returns(
        db=ground.db,
        clock=ground.clock,
        sandbox=ground.sandbox,
        paths=ground.paths,
        readers=readers,
        mailbox=mailbox_of(ground.settings),
    )


def _transport(settings: Settings, publication: Publication) -> Transport:
    transport, signer = transport_for(settings), signer_for(settings, publication)
    return transport if signer is None else SigningTransport(transport, signer)


def _canary_wait(settings: Settings) -> timedelta:
    return timedelta(minutes=settings.canary_minutes)


async def _read_feed(sandbox: Sandbox, body: bytes, content_type: str, url: str) -> ParsedFeed | Failed:
    return await sandbox.run(parse.read, body, content_type, url)


def _publication(settings: Settings) -> Publication:
    return Publication(
        title=settings.title,
        base_url=settings.base_url,
        date_format=settings.date_format,
        picks=settings.picks,
        contact=settings.contact,
        sender=settings.sender,
        zone=settings.zone,
    )


def _outbound(settings: Settings) -> Outbound:
    contact = f" (+{settings.contact})" if settings.contact else ""
    return Outbound(
        user_agent=f"FiveForFriday/{__version__}{contact}",
        allowed_networks=settings.allowed_networks,
        deadline=settings.request_deadline,
        max_body=settings.max_body_mib * 1024 * 1024,
        in_flight=settings.in_flight,
        per_host=settings.in_flight_per_host,
        host_gap=settings.host_gap,
    )
