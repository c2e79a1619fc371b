"""Every knob, read once: environment (`FIVE_*`) over `five.toml` over defaults.

Each field carries its own explanation; `five init` writes it into five.toml and the README's table repeats it, so a
knob is explained in one place only. A wrong value is refused with its key, the value and what is allowed.
"""

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from aggregator import allowed
from aggregator.clock import WEEKDAYS, Calendar
from aggregator.errors import BadSetting
from aggregator.knobs import Knob, checked, did_you_mean, explained, read_file, variable
from aggregator.knobs import knob as _knob
from aggregator.networks import Network as Network

CONFIG_NAME = "five.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, with their defaults. Relative paths are relative to the folder that holds five.toml."""

    data: Path = _knob(Path("five-data"), "The one folder for all that the program writes.", "a folder")
    feeds: Path = _knob(Path("feeds.opml"), "The OPML file that lists the blogs to follow.", "a file")
    contact: str = _knob(
        "",
        "Where webmasters and readers reach you; sent with every request and shown in every mail.",
        "a mail address or an http(s) address",
        allowed.is_contact,
    )

    base_url: str = _knob(
        "http://127.0.0.1:8000",
        "The public address of your pages; every link in mails and feeds starts with it.",
        "an http(s) address without query",
        allowed.is_web_address,
    )
    title: str = _knob(
        "Five for Friday",
        "The name of the publication; each digest's title is this and its date.",
        "some text on one line",
        lambda value: bool(value.strip()) and value.isprintable(),
    )
    date_format: str = _knob(
        "D/M/YYYY",
        "The date in a digest's title: D or DD, M, MM or MMMM, YY or YYYY.",
        "text with D, M and Y parts",
        lambda value: value.isprintable() and all(letter in value for letter in "DMY"),
    )
    picks: int = _knob(5, "How many picks a digest has.", "1 to 20", lambda value: 1 <= value <= 20)
    repeat_digests: int = _knob(
        4,
        "Warn when a blog was already picked in this many digests before.",
        "0 to 52",
        lambda value: 0 <= value <= 52,
    )
    second_approver: bool = _knob(
        False,
        "Whether a digest comes out only when a second person approved it on the desk, after its last change.",
        "true or false",
    )
    weekday: Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"] = _knob(
        "fri", "The day of publication.", "mon, tue, wed, thu, fri, sat or sun"
    )
    publish_time: str = _knob("12:00", "The time of publication on that day.", "HH:MM", allowed.is_time)
    cutoff: str = _knob(
        "09:00", "The time on that day at which the next week's inbox begins.", "HH:MM", allowed.is_time
    )
    zone: str = _knob("Europe/London", "The time zone of both.", "a time zone such as Europe/London", allowed.is_zone)

    sender: str = _knob(
        "",
        "Who the digest is from.",
        "a mail address, with a name if you like: Name <name@example.org>",
        allowed.is_sender,
    )
    smtp_host: str = _knob(
        "",
        "The relay that takes our mails; empty: each is a file in the folder mail of the data folder.",
        "a host name",
    )
    smtp_port: int = _knob(587, "Its port.", "1 to 65535", lambda value: 1 <= value <= 65535)
    smtp_security: Literal["starttls", "tls", "none"] = _knob(
        "starttls", "How the connection to it is protected.", "starttls, tls or none"
    )
    smtp_user: str = _knob("", "The name to sign in with; empty for none.", "text")
    smtp_password_file: str = _knob("", "A file that holds the password, on its first line.", "a file")
    smtp_password: str = _knob("", "The password itself: better as the variable, or in that file.", "text")
    mails_per_minute: int = _knob(
        300,
        "Mails that are sent in a minute; 0 for as many as the relay takes.",
        "0 to 100000",
        lambda v: 0 <= v <= 100_000,
    )
    canary: int = _knob(
        5,
        "How many readers get a digest first, before all others; if the relay takes none of theirs, it stops.",
        "0 to 1000",
        lambda v: 0 <= v <= 1000,
    )
    canary_minutes: int = _knob(
        5,
        "Minutes in which you may still stop a digest, between the first readers and the rest.",
        "0 to 1440",
        lambda v: 0 <= v <= 1440,
    )
    dkim_selector: str = _knob(
        "",
        "Sign every mail with DKIM under this selector; empty: the relay does.",
        "letters, digits, - and .",
        allowed.is_host_name,
    )
    dkim_key_file: str = _knob("", "The file that holds the private RSA key to sign with, as PEM.", "a file")
    dkim_domain: str = _knob(
        "", "The domain that signs; empty: that of sender.", "a domain such as example.org", allowed.is_host_name
    )

    bounce_address: str = _knob(
        "",
        "Where mails come back to that did not get through, with +... before the @, so that each is known; "
        "empty: to sender.",
        "a mail address, at most 30 of a-z, 0-9, ., _ and - before the @",
        allowed.is_return_address,
    )
    imap_host: str = _knob(
        "", "The server of the mailbox of bounce_address, over TLS; empty: read files with five bounces.", "a host name"
    )
    imap_port: int = _knob(993, "Its port.", "1 to 65535", lambda value: 1 <= value <= 65535)
    imap_user: str = _knob("", "The name to sign in with.", "text")
    imap_password_file: str = _knob("", "A file that holds the password, on its first line.", "a file")
    imap_password: str = _knob("", "The password itself: better as the variable, or in that file.", "text")
    imap_folder: str = _knob("INBOX", "The folder to read.", "text")

    wordpress_url: str = _knob(
        "",
        "The address of a WordPress site that gets every digest as a post, too; empty: none.",
        "an https address without query",
        allowed.is_safe_with_password,
    )
    wordpress_user: str = _knob("", "The user there, who may write posts.", "text")
    wordpress_password_file: str = _knob(
        "", "A file with an application password of that user, on its first line.", "a file"
    )
    wordpress_password: str = _knob("", "The password itself: better as the variable, or in that file.", "text")
    wordpress_status: Literal["draft", "publish"] = _knob(
        "draft", "Whether a digest is a draft there, for somebody to publish, or is published.", "draft or publish"
    )
    markdown_folder: str = _knob(
        "", "A folder that gets every digest as a Markdown file, for a static site; empty: none.", "a folder"
    )
    markdown_git: Literal["no", "commit", "push"] = _knob(
        "no", "Whether that folder is in a git checkout, where each is committed, or also pushed.", "no, commit or push"
    )
    webhook_url: str = _knob(
        "",
        "Where every digest is posted as JSON, signed, for a program of yours; empty: nowhere.",
        "an http(s) address",
        allowed.is_hook,
    )
    webhook_secret_file: str = _knob("", "A file with the secret to sign with, on its first line.", "a file")
    webhook_secret: str = _knob("", "The secret itself: better as the variable, or in that file.", "text")

    forms: bool = _knob(
        True,
        "Whether the pages have forms, to subscribe and to suggest; off for a static site without `five serve`.",
        "true or false",
    )
    publisher: str = _knob(
        "",
        "Who publishes this and answers for what is kept of readers, with a postal address; for the privacy notice.",
        "text on one line",
        str.isprintable,
    )
    listen_host: str = _knob("127.0.0.1", "The address on which `five serve` listens.", "an IP address or name")
    listen_port: int = _knob(8000, "The port on which it listens.", "0 to 65535", lambda v: 0 <= v <= 65535)
    metrics_token_file: str = _knob(
        "",
        "A file that holds, on its first line, the token that /metrics asks for; empty: this machine alone.",
        "a file",
    )
    log: Literal["plain", "json"] = _knob(
        "plain", "How log lines, on standard error, are written: for people or for programs.", "plain or json"
    )

    allow_networks: str = _knob(
        "",
        "Private networks that requests may go to all the same, with commas between: for an intranet or tests.",
        "networks such as 10.1.0.0/16,::1/128",
        allowed.are_networks,
    )
    request_deadline: float = _knob(
        30.0,
        "Seconds that one request may take, redirects and body included.",
        "1 to 300",
        lambda v: 1 <= v <= 300,
    )
    max_body_mib: int = _knob(
        10,
        "The largest feed or page that is read, in MiB after decompression.",
        "1 to 100",
        lambda v: 1 <= v <= 100,
    )
    in_flight: int = _knob(64, "Requests at the same time, in all.", "1 to 512", lambda v: 1 <= v <= 512)
    in_flight_per_host: int = _knob(2, "Requests at the same time to one host.", "1 to 8", lambda v: 1 <= v <= 8)
    host_gap: float = _knob(
        1.0, "Seconds between the starts of two requests to one host.", "0 to 60", lambda v: 0 <= v <= 60
    )
    parse_workers: int = _knob(2, "Processes that parse feeds.", "1 to 32", lambda v: 1 <= v <= 32)
    parse_deadline: float = _knob(
        8.0,
        "Seconds that reading one feed may take before it is given up.",
        "1 to 60",
        lambda v: 1 <= v <= 60,
    )
    parse_memory_mib: int = _knob(
        384, "Memory that one parsing process may use, in MiB.", "128 to 4096", lambda v: 128 <= v <= 4096
    )

    @property
    def calendar(self) -> Calendar:
        """The publication's week."""
        return Calendar(
            zone=ZoneInfo(self.zone),
            weekday=WEEKDAYS.index(self.weekday),
            publish_time=time.fromisoformat(self.publish_time),
            cutoff=time.fromisoformat(self.cutoff),
        )

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """`allow_networks`, parsed."""
        return allowed.networks(self.allow_networks)

    @property
    def database(self) -> Path:
        """The database file."""
        return self.data / "five.sqlite"


def knobs() -> tuple[Knob, ...]:
    """Every setting, in the order of five.toml."""
    return tuple(explained(field) for field in dataclasses.fields(Settings))


def sample_config() -> str:
    """The text of a new five.toml: every setting explained, each at its default and commented out."""
    parts = [
        "# Settings of Five for Friday. Take away the '# ' before a key to change it.",
        "# A variable of the same name, such as FIVE_CONTACT for contact, wins over this file.",
    ]
    parts += [f"\n# {knob.about}\n# Allowed: {knob.allowed}.\n# {knob.key} = {knob.default}" for knob in knobs()]
    return "\n".join(parts) + "\n"


def load_settings(folder: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from five.toml in `folder` (or the file that FIVE_CONFIG names), overlaid with FIVE_* variables.

    Raises BadSetting for a file that is no TOML, an unknown key or a value that is not allowed.
    """
    file = folder / environ.get("FIVE_CONFIG", CONFIG_NAME)
    if "FIVE_CONFIG" in environ and not file.is_file():
        raise BadSetting(f"FIVE_CONFIG names {file}, which is not there.", "Make it with: five init")
    given: dict[str, Any] = read_file(file)
    known = {field.name: field for field in dataclasses.fields(Settings)}
    for key in given:
        if key not in known:
            raise BadSetting(f"{file.name} has the key {key}, which is no setting.", did_you_mean(key, list(known)))
    values: dict[str, Any] = {}
    for name, field in known.items():
        called = variable(name)
        if called in environ:
            values[name] = checked(field, environ[called], where=called, from_text=True)
        elif name in given:
            values[name] = checked(field, given[name], where=f"{name} in {file.name}", from_text=False)
    settings = Settings(**values)
    home = file.parent
    return dataclasses.replace(
        settings,
        data=(home / settings.data).absolute(),
        feeds=(home / settings.feeds).absolute(),
        smtp_password_file=_in_folder(home, settings.smtp_password_file),
        dkim_key_file=_in_folder(home, settings.dkim_key_file),
        imap_password_file=_in_folder(home, settings.imap_password_file),
        wordpress_password_file=_in_folder(home, settings.wordpress_password_file),
        wordpress_url=settings.wordpress_url.rstrip("/"),
        markdown_folder=_in_folder(home, settings.markdown_folder),
        webhook_secret_file=_in_folder(home, settings.webhook_secret_file),
        base_url=settings.base_url.rstrip("/"),
    )


def _in_folder(home: Path, name: str) -> str:
    return str((home / name).absolute()) if name else ""
