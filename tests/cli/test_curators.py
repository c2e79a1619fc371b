"""`five curator`: who may sign in, from the command line."""

import json

from tests.cli.conftest import Five


def test_a_curator_from_link_to_end(five: Five) -> None:
    assert "There is nobody yet" in five("curator", "list").out
    added = five("curator", "add", "Ann@example.org", "--role", "maintainer")
    assert added.out.startswith("http://127.0.0.1:8000/password/")
    assert five("curator", "link", "ann@example.org").out not in ("", added.out)
    five("curator", "add", "bob@example.org")
    (ann, bob) = json.loads(five("curator", "list", "--json").out)
    assert (ann["email"], ann["role"], ann["has_password"]) == ("ann@example.org", "maintainer", False)
    assert (bob["id"], bob["role"]) == (2, "curator")
    assert "no password yet" in five("curator", "list").out
    assert five("curator", "role", "bob@example.org", "editor").out == "bob@example.org is editor now.\n"
    assert five("curator", "end", "bob@example.org").code == 0
    assert "ended" in five("curator", "list").out


def test_what_cannot_be_is_explained(five: Five) -> None:
    five("curator", "add", "ann@example.org", "--role", "maintainer")
    for arguments, code, said in (
        (("add", "ann"), 2, "no mail address"),
        (("add", "ann@example.org"), 1, "here already"),
        (("end", "ann@example.org"), 1, "last maintainer"),
        (("link", "bob@example.org"), 2, "There is no curator bob@example.org"),
        (("role", "ann@example.org", "king"), 2, "'king'"),
    ):
        refused = five("curator", *arguments)
        assert refused.code == code, arguments
        assert said in refused.err
        assert "Traceback" not in refused.err
