"""The tables of readers: subscribers, consent, deliveries; and what readers suggest. See schema.py for the rest.

No token stands in a table, only its SHA-256: whoever reads the database cannot confirm, manage or unsubscribe. No
address stands anywhere but in `subscribers`: what must outlive one is a keyed hash.
"""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, Index, Integer, Named, Table, Text, TypedColumns, text

from aggregator.store.schema import Instant
from aggregator.store.schema import metadata as metadata


class SubscriberColumns(TypedColumns):
    """A person who asked for the mail; deleted when erased."""

    id: Named[int] = Column(Integer, primary_key=True)
    address: Named[str] = Column(Text, unique=True)  # folded to lower case
    status: Named[str] = Column(Text)
    confirm_token_hash: Named[str | None] = Column(Text, unique=True)  # None once it has no use any more
    manage_token_hash: Named[str | None] = Column(Text, unique=True)
    created_at: Named[datetime] = Column(Instant)
    asked_at: Named[datetime] = Column(Instant)  # the sign-up that waits for, or led to, the confirmation
    confirmed_at: Named[datetime | None] = Column(Instant)
    ended_at: Named[datetime | None] = Column(Instant)  # unsubscribed, or given up after bounces
    soft_bounces: Named[int] = Column(Integer)  # in a row
    letter_due_at: Named[datetime | None] = Column(Instant)  # a confirmation mail waits to be sent
    letter_tries: Named[int] = Column(Integer)


# AUTOINCREMENT: an id that was erased is never given to somebody else, whose links would then be the old ones.
subscribers = Table("subscribers", metadata, SubscriberColumns, sqlite_autoincrement=True)

# subscribers.page and subscribers.active: by status, in the order of their ids
Index("ix_subscribers_status_id", subscribers.c.status, subscribers.c.id)
# subscribers.letters_due: the confirmation mails to send now
Index("ix_subscribers_letter_due_at", subscribers.c.letter_due_at, sqlite_where=text("letter_due_at IS NOT NULL"))


class ConsentColumns(TypedColumns):
    """One line of the consent log, which is only ever added to; erasing takes the subscriber out of it."""

    id: Named[int] = Column(Integer, primary_key=True)
    subscriber_id: Named[int | None] = Column(ForeignKey("subscribers.id"))
    at: Named[datetime] = Column(Instant)
    action: Named[str] = Column(Text)
    wording_hash: Named[str | None] = Column(Text, ForeignKey("wordings.hash"))
    source: Named[str] = Column(Text)  # where it was said, such as "form"; for an import, its basis


consents = Table("consents", metadata, ConsentColumns)

# subscribers.consents_of: what somebody agreed to, in order
Index("ix_consents_subscriber_id_id", consents.c.subscriber_id, consents.c.id)


class WordingColumns(TypedColumns):
    """A text that people agreed to, word for word."""

    hash: Named[str] = Column(Text, primary_key=True)
    text: Named[str] = Column(Text)
    first_used_at: Named[datetime] = Column(Instant)


wordings = Table("wordings", metadata, WordingColumns)


class SuppressionColumns(TypedColumns):
    """An address that no import may bring back, as a hash that only the data folder's secret.key can make."""

    address_hash: Named[str] = Column(Text, primary_key=True)
    at: Named[datetime] = Column(Instant)
    reason: Named[str] = Column(Text)
    key_id: Named[str] = Column(Text)  # which secret.key it was made with


suppressions = Table("suppressions", metadata, SuppressionColumns)


class AttemptColumns(TypedColumns):
    """How often one address or one network asked lately, as a keyed hash."""

    who_hash: Named[str] = Column(Text, primary_key=True)
    since: Named[datetime] = Column(Instant)  # the first of them
    times: Named[int] = Column(Integer)


attempts = Table("attempts", metadata, AttemptColumns)

# subscribers.forget_attempts: those that are too old to count
Index("ix_attempts_since", attempts.c.since)


class DeliveryColumns(TypedColumns):
    """One digest to one subscriber. No foreign key to subscribers: the ledger must add up after an erasure too."""

    digest_id: Named[int] = Column(ForeignKey("digests.id"), primary_key=True)
    subscriber_id: Named[int] = Column(Integer, primary_key=True)
    status: Named[str] = Column(Text)
    message_id: Named[str] = Column(Text)
    token_hash: Named[str] = Column(Text, unique=True)  # of the link that unsubscribes and manages
    queued_at: Named[datetime] = Column(Instant)
    claimed_at: Named[datetime | None] = Column(Instant)
    sent_at: Named[datetime | None] = Column(Instant)
    next_try_at: Named[datetime | None] = Column(Instant)
    tries: Named[int] = Column(Integer)
    error: Named[str | None] = Column(Text)


deliveries = Table("deliveries", metadata, DeliveryColumns)

# deliveries.due and deliveries.counts: by digest and state, the earliest first
Index(
    "ix_deliveries_digest_id_status_next_try_at", deliveries.c.digest_id, deliveries.c.status, deliveries.c.next_try_at
)
# deliveries.of_subscriber: what somebody was sent
Index("ix_deliveries_subscriber_id", deliveries.c.subscriber_id)


class ReturnedMailColumns(TypedColumns):
    """A report that a mail did not get through, or was not wanted; each is counted once."""

    key: Named[str] = Column(Text, primary_key=True)  # tells one report from another, however often it is read
    digest_id: Named[int | None] = Column(ForeignKey("digests.id"))
    subscriber_id: Named[int | None] = Column(Integer)  # no foreign key: the count must hold after an erasure too
    kind: Named[str] = Column(Text)  # hard, soft or complaint
    said: Named[str] = Column(Text)  # the code, such as "5.1.1", and no address
    at: Named[datetime] = Column(Instant)


returned_mails = Table("returned_mails", metadata, ReturnedMailColumns)

# returned.counts: how many came back of each digest
Index("ix_returned_mails_digest_id_kind", returned_mails.c.digest_id, returned_mails.c.kind)
# returned.fates: which of a reader's mails came back
Index("ix_returned_mails_subscriber_id", returned_mails.c.subscriber_id)


class PostColumns(TypedColumns):
    """One digest to one other publication, such as a blog."""

    digest_id: Named[int] = Column(ForeignKey("digests.id"), primary_key=True)
    place: Named[str] = Column(Text, primary_key=True)  # "wordpress", "folder", "git", "webhook"
    status: Named[str] = Column(Text)
    queued_at: Named[datetime] = Column(Instant)
    claimed_at: Named[datetime | None] = Column(Instant)
    done_at: Named[datetime | None] = Column(Instant)
    next_try_at: Named[datetime | None] = Column(Instant)
    tries: Named[int] = Column(Integer)
    url: Named[str | None] = Column(Text)  # where it stands now
    error: Named[str | None] = Column(Text)


posts = Table("posts", metadata, PostColumns)

# posts.due: what waits, the longest due first
Index("ix_posts_status_next_try_at", posts.c.status, posts.c.next_try_at)


class OutboxStateColumns(TypedColumns):
    """Whether anything may be sent: one row."""

    id: Named[int] = Column(Integer, primary_key=True)
    held: Named[str | None] = Column(Text)  # why nothing is sent, in words
    held_at: Named[datetime | None] = Column(Instant)
    paused_at: Named[datetime | None] = Column(Instant)
    place: Named[str | None] = Column(Text)  # where this database lives; elsewhere it is a copy


outbox_state = Table("outbox_state", metadata, OutboxStateColumns)


class SuggestionColumns(TypedColumns):
    """What a reader suggests, for the editors to judge."""

    id: Named[int] = Column(Integer, primary_key=True)
    kind: Named[str] = Column(Text)
    address: Named[str] = Column(Text)
    title: Named[str] = Column(Text)
    words: Named[str] = Column(Text)
    thank: Named[str] = Column(Text)  # the name that may be thanked in public; "" for none
    at: Named[datetime] = Column(Instant)
    status: Named[str] = Column(Text)


suggestions = Table("suggestions", metadata, SuggestionColumns)

# suggestions: those that nobody has judged, the oldest first
Index("ix_suggestions_status_at", suggestions.c.status, suggestions.c.at)
