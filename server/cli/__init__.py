"""The command line, assembled; each command imports what it needs when it runs."""

from server.cli import content, inspecting, keeping, people, running
from server.cli.console import application

app = application()
running.add_to(app)
content.add_to(app)
keeping.add_to(app)
people.add_to(app)
inspecting.add_to(app)
