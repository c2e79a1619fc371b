"""Everything that can go wrong and is our business to explain.

    FiveError                   what happened, and what to do; exit code 1
    ├── WrongUse                the caller asked for something that cannot be; exit code 2
    │   ├── BadSetting          a key of five.toml or a FIVE_* variable
    │   ├── BadAddress          an address that is not http(s), or that the guard refuses
    │   └── NotFound            an entry, bookmark, digest, feed or file that is not there
    ├── Refused                 a rule of the house said no (publishing an empty digest, ...)
    │   └── TooManyTries        somebody asked too often (signing in, ...); later it will be answered again
    ├── BadListing              an OPML file that cannot be read, with its line
    ├── BadDraft                an edited draft that cannot be read back, with its line
    ├── FetchFailed             a page that could not be fetched, with the reason
    ├── SandboxFailed           reading a document died or ran over its limits (in `sandbox`)
    └── StoreError              the database
        ├── DatabaseBusy        another process is writing, and did not stop in time
        ├── DatabaseReadOnly    the file or folder cannot be written
        ├── DatabaseNewer       written by a later version of this program
        ├── NotADatabase        some other file, or a damaged one
        └── DiskFull            no space left for the write; nothing was changed

Foreign exceptions are wrapped where their library is owned, so that the doors need to know only this tree.
A sick feed is no exception: its failure is a value (`model.Failed`) that is recorded and shown.
"""


class FiveError(Exception):
    """Something a person can act on. `str()` is what happened and where; `hint` is what to do about it."""

    exit_code = 1

    def __init__(self, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class WrongUse(FiveError):
    """The request itself cannot be carried out; nothing was changed."""

    exit_code = 2


class BadSetting(WrongUse):
    """A setting has a value that is not allowed; names the key, the value and what is allowed."""


class BadAddress(WrongUse):
    """An address that is no http or https address, or that the guard on outgoing requests refuses."""


class NotFound(WrongUse):
    """What was named does not exist."""


class Refused(FiveError):
    """A rule said no; nothing was changed."""


class TooManyTries(Refused):
    """Asked too often; nothing was looked at."""


class BadListing(FiveError):
    """An OPML file that cannot be read, or breaks a rule; `line` counts from 1, 0 when it has none."""

    def __init__(self, what: str, hint: str = "", *, line: int = 0) -> None:
        super().__init__(what, hint)
        self.line = line


class BadDraft(FiveError):
    """An edited draft that cannot be read back; `line` counts from 1."""

    def __init__(self, what: str, hint: str = "", *, line: int = 0) -> None:
        super().__init__(what, hint)
        self.line = line


class FetchFailed(FiveError):
    """A page that a person asked for could not be fetched."""


class StoreError(FiveError):
    """The database could not do what was asked; the transaction was rolled back."""


class DatabaseBusy(StoreError):
    """Another process holds the write lock and did not let go in time."""


class DatabaseReadOnly(StoreError):
    """The database file or its folder cannot be written."""


class DatabaseNewer(StoreError):
    """The database was written by a later version of this program."""


class NotADatabase(StoreError):
    """The file is not an SQLite database, or is damaged."""


class DiskFull(StoreError):
    """No space left on the device."""
