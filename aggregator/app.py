"""The composition root: builds every part and hands each what it needs; holds no logic of its own."""

import asyncio
from collections.abc import Callable, Mapping
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


def open_app(settings: Settings, *, clock: Clock = system_clock) -> App:
    """The program, ready: the database opened and brought up to date.

    Raises the StoreErrors of `open_database`.
    """
    db = open_database(settings.database, clock())
    publication = _publication(settings)
    calendar = settings.calendar
    tokens = Tokens(settings.data / "secret.key")
    paths = ReturnPaths(settings.bounce_address, publication=publication, tokens=tokens)
    signer = signer_for(settings, publication)
    transport: Transport = transport_for(settings)
    if signer is not None:
        transport = SigningTransport(transport, signer)
    outbound = _outbound(settings)
    places = places_of(settings, publication=publication, outbound=outbound, clock=clock)
    outbox = Outbox(
        db=db,
        clock=clock,
        publication=publication,
        transport=transport,
        tokens=tokens,
        paths=paths,
        lock_path=settings.data / "outbox.lock",
        mails_per_minute=settings.mails_per_minute if settings.smtp_host else 0,
        canary=settings.canary,
        canary_wait=timedelta(minutes=settings.canary_minutes),
        places=[place.name for place in places],
    )
    subscribers = Subscribers(db=db, clock=clock, publication=publication, tokens=tokens)
    metrics = Metrics()
    outbound = _outbound(settings)
    asking = Asking(db=db, clock=clock, outbound=outbound)
    sandbox = Sandbox(
        workers=settings.parse_workers, deadline=settings.parse_deadline, memory_mib=settings.parse_memory_mib
    )
    return App(
        settings=settings,
        publication=publication,
        calendar=calendar,
        clock=clock,
        metrics=metrics,
        db=db,
        outbound=outbound,
        sandbox=sandbox,
        follow=Follow(
            db=db,
            clock=clock,
            feeds_file=settings.feeds,
            outbound=asking,
            sandbox=sandbox,
            read_feed=partial(_read_feed, sandbox),
        ),
        upkeep=Upkeep(db=db, clock=clock, feeds_file=settings.feeds),
        roster=Roster(db=db, clock=clock),
        imports=Imports(db=db, clock=clock, feeds_file=settings.feeds, folder=settings.data / "lists"),
        hubs=Hubs(db=db, clock=clock, outbound=outbound, sandbox=sandbox, base_url=settings.base_url),
        poller=Poller(
            db=db,
            clock=clock,
            fetcher=Fetcher(outbound, clock),
            sandbox=sandbox,
            calendar=calendar,
            in_flight=settings.in_flight,
            lock_path=settings.data / "poll.lock",
            on_polled=metrics.polled,
        ),
        desk=Desk(db=db, clock=clock, calendar=calendar, outbound=asking, sandbox=sandbox),
        bookmarks=Bookmarks(db=db, clock=clock, calendar=calendar, outbound=asking, sandbox=sandbox),
        editor=Editor(
            db=db,
            clock=clock,
            publication=publication,
            calendar=calendar,
            repeat_digests=settings.repeat_digests,
            render=partial(render, publication=publication),
            audience=outbox,
            second_approver=settings.second_approver,
        ),
        subscribers=subscribers,
        register=Register(db=db, clock=clock, subscribers=subscribers, folder=settings.data / "readers"),
        outbox=outbox,
        dispatches=Dispatches(
            db=db, clock=clock, canary=settings.canary, canary_wait=timedelta(minutes=settings.canary_minutes)
        ),
        posts=Posts(
            db=db, clock=clock, publication=publication, places=places, lock_path=settings.data / "posts.lock"
        ),
        letterbox=Letterbox(
            db=db, clock=clock, publication=publication, tokens=tokens, paths=paths, transport=transport
        ),
        returns=Returns(
            db=db, clock=clock, sandbox=sandbox, paths=paths, readers=subscribers, mailbox=mailbox_of(settings)
        ),
        suggestions=Suggestions(db=db, clock=clock),
        people=People(db=db, clock=clock, base_url=publication.base_url, who_hash=tokens.who_hash),
    )


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
