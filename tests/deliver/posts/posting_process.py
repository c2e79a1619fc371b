"""A process that posts what is due (see tests.killed).

`python -m tests.deliver.posts.posting_process DATABASE WORDPRESS WEBHOOK`
"""

import asyncio
import sys
from datetime import datetime
from pathlib import Path

from aggregator.deliver.posts.webhook import Webhook
from aggregator.deliver.posts.wordpress import WordPress
from aggregator.store.database import Database
from tests.deliver.posts.blog import PASSWORD, USER
from tests.deliver.posts.setting import posts_to, settings
from tests.killed import main
from tests.outbounds import an_outbound


def post(now: datetime) -> None:
    """Post what is due at `now`."""
    path, blog, hook = sys.argv[1:]
    chosen = settings(
        wordpress_url=blog,
        wordpress_user=USER,
        wordpress_password=PASSWORD,
        wordpress_status="publish",
        webhook_url=hook,
        webhook_secret="secret",
    )

    async def run() -> None:
        db = Database(Path(path))
        async with an_outbound() as outbound:
            places = WordPress(chosen, outbound, lambda: now), Webhook(chosen, outbound, lambda: now)
            await posts_to(db, lambda: now, *places).post_due()
        db.close()

    asyncio.run(run())


if __name__ == "__main__":
    main(post)
