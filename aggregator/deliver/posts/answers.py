"""What the answer of another program means for a post (pure)."""

from datetime import datetime

from aggregator.deliver.posts.places import Next, PostFailed
from aggregator.outbound import Response
from aggregator.pauses import pause_of

_LATER = (408, 425, 429)  # RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4


def check(response: Response, who: str, *, setting: str, sign_in: str, now: datetime) -> None:
    """Raises PostFailed for an answer that is no success (2xx). `sign_in` says what to do when we are not let in."""
    status = response.status
    if 200 <= status < 300:
        return
    if status in _LATER or status >= 500:
        wait = pause_of(response.headers.get("retry-after", ""), now)
        raise PostFailed(f"{who} did not take it (status {status}).", "It is tried again by itself.", wait=wait)
    if 300 <= status < 400:
        what, hint = f"{who} redirects to another address.", f"Set {setting} to the one that it leads to."
    elif status in (401, 403, 407):
        what, hint = f"{who} does not let us in (status {status}).", sign_in
    elif status in (404, 410):
        what, hint = f"Nothing answers there: {who} (status {status}).", f"Check {setting}."
    else:
        what, hint = f"{who} refused it (status {status}).", "Its own log may say why."
    raise PostFailed(what, hint, then=Next.PERSON)
