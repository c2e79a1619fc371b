"""Where the folders are that ship beside the code: inside the wheel, or at the top of a checkout."""

from pathlib import Path


def folder(name: str) -> Path:
    """The shipped folder `name` ("templates" or "migrations")."""
    package = Path(__file__).parent
    inside = package / name
    return inside if inside.is_dir() else package.parent / name
