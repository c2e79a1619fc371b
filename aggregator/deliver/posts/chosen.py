"""The places that the settings name."""

from pathlib import Path

from aggregator.clock import Clock
from aggregator.deliver.posts.checkout import Checkout
from aggregator.deliver.posts.folder import Folder
from aggregator.deliver.posts.places import Place
from aggregator.deliver.posts.webhook import Webhook
from aggregator.deliver.posts.wordpress import WordPress
from aggregator.model import Publication
from aggregator.outbound import Outbound
from aggregator.settings import Settings


def places_of(settings: Settings, *, publication: Publication, outbound: Outbound, clock: Clock) -> tuple[Place, ...]:
    """Those that are set up; none at first."""
    found: list[Place] = []
    if settings.wordpress_url:
        found.append(WordPress(settings, outbound, clock))
    if settings.markdown_folder:
        folder = Folder(Path(settings.markdown_folder))
        is_pushed = settings.markdown_git == "push"
        found.append(folder if settings.markdown_git == "no" else Checkout(folder, publication, is_pushed=is_pushed))
    if settings.webhook_url:
        found.append(Webhook(settings, outbound, clock))
    return tuple(found)
