"""`five serve` as it is started at a shell."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:8000", "https://digest.example"])
def test_the_first_maintainer_is_led_to_where_it_serves(tmp_path: Path, base_url: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "aggregator", "serve", "--no-poll"],
        cwd=tmp_path,
        env=os.environ
        | {"PYTHONPATH": str(Path(__file__).parents[2]), "FIVE_LISTEN_PORT": "0", "FIVE_BASE_URL": base_url},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if "first maintainer" in line:
            break
    try:
        served = re.findall(r"Serving on (\S+)/ ", said)
        assert len(served) == 1, said
        link = said.split()[-1]
        if base_url.startswith("https"):  # a web server stands before it, and knows the way
            assert link.startswith("https://digest.example/password/")
            assert "another port" not in said
        else:
            assert link.startswith(f"{served[0]}/password/")
            assert "Links in mails and feeds lead to http://127.0.0.1:8000, another port" in said
            assert "Set your password" in httpx.get(link).text
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate()
