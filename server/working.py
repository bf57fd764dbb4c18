"""The worker of an installation: the same wherever it runs, beside requests or by itself."""

from server.installation import Installation
from server.mail import Post
from server.worker import Worker, handlers


def over(home: Installation) -> Worker:
    """A worker that does all that its settings ask for, letters included; it is not started."""
    settings = home.settings
    return Worker(
        home.database,
        home.index,
        settings.data,
        learning=home.learning,
        handlers=handlers(settings.contact),
        post=Post(settings) if settings.mails else None,
    )
