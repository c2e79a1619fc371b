"""What every setting has in common: its explanation, how it is read, and how a wrong value is refused."""

import dataclasses
import difflib
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from aggregator.errors import BadSetting

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One setting as documentation: its key in five.toml, its variable, its default as TOML, what it is for."""

    key: str
    variable: str
    default: str
    about: str
    allowed: str


def knob(default: T, about: str, allowed: str, check: Callable[[T], bool] = lambda _value: True) -> T:
    """A field with its explanation, what is allowed in words, and the check that holds it to that."""
    metadata = {"about": about, "allowed": allowed, "check": check}
    return dataclasses.field(default=default, metadata=metadata)


def explained(field: "dataclasses.Field[Any]") -> Knob:
    """A field that `knob` made, as documentation."""
    return Knob(
        key=field.name,
        variable=variable(field.name),
        default=_as_toml(field.default),
        about=field.metadata["about"],
        allowed=field.metadata["allowed"],
    )


def variable(key: str) -> str:
    """The name of the variable that wins over a key of five.toml."""
    return f"FIVE_{key.upper()}"


def read_file(file: Path) -> dict[str, Any]:
    """The keys of a TOML file; none when it is missing. Raises BadSetting when it cannot be read."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadSetting(f"{file} is not TOML: {error}.", "Mend that line, or see `five init` for a sample.") from error
    except OSError as error:
        raise BadSetting(f"{file} cannot be read: {error.strerror}.") from error


def checked(field: "dataclasses.Field[Any]", raw: Any, *, where: str, from_text: bool) -> Any:
    """The value of a field, from TOML or from the text of a variable. Raises BadSetting when it is not allowed."""
    try:
        value = msgspec.convert(raw, field.type, strict=not from_text, dec_hook=_path)
    except (msgspec.ValidationError, ValueError) as error:
        raise _refusal(field, raw, where) from error
    if not field.metadata["check"](value):
        raise _refusal(field, raw, where)
    return value


def did_you_mean(key: str, known: list[str]) -> str:
    """A hint for a key that is no setting."""
    close = difflib.get_close_matches(key, known, n=1)
    return f"Did you mean {close[0]}?" if close else "`five init` in an empty folder writes a file with all settings."


def _path(kind: type, raw: Any) -> Any:
    if kind is Path and isinstance(raw, str) and raw:
        return Path(raw)
    raise ValueError(raw)


def _refusal(field: "dataclasses.Field[Any]", raw: Any, where: str) -> BadSetting:
    return BadSetting(f"{where} is {raw!r}.", f"Allowed: {field.metadata['allowed']}.")


def _as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    return f'"{value}"'
