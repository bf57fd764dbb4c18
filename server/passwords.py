"""The page where people change their password: checked and computed like at the sign-in, then one write."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from frontend.pages import Site, render_password
from knowledge import people
from knowledge.errors import RateLimited
from knowledge.people import PersonRow, Viewer, passwords, signing
from server.lanes import Lanes
from server.settings import Settings
from server.signin import Credentials, Gate, address_of, cookie_name, identify

WRONG = "This is not your current password."
NONE_YET = "You have no password yet. An administrator sets the first one with: loyalty person password EMAIL"


@dataclass(frozen=True, slots=True)
class _Account:
    """Whoever is signed in by a cookie."""

    viewer: Viewer
    person: PersonRow


@dataclass(frozen=True)
class PasswordForm:
    """The page's routes. It is for browsers only: a token never changes a password."""

    lanes: Lanes
    settings: Settings
    site: Site
    gate: Gate

    def routes(self) -> list[Route]:
        """The address of the page."""
        return [
            Route("/me/password", self.page, methods=["GET"]),
            Route("/me/password", self.change, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """The form, for those who are signed in."""
        account = await self._account(request)
        return render_password(self.site, request, {}) if account else _sign_in_first()

    async def change(self, request: Request) -> Response:
        """Change the password, or show the form again with what is wrong; wrong guesses count like those at the sign-in."""
        sent = await request.form(max_fields=8, max_files=0)
        current, new = (str(sent.get(name, "")) for name in ("current", "new"))
        account = await self._account(request)
        if account is None:
            return _sign_in_first()
        try:
            async with self.gate.passing():
                problems = await self._problems(account, current, new, address_of(request))
                if not problems:
                    await self._keep(account.viewer, new)
        except RateLimited as refusal:
            return self._again(request, {"current": str(refusal)}, 429, {"retry-after": str(refusal.seconds)})
        return self._again(request, problems, 422) if problems else RedirectResponse("/me?done=password", 303)

    async def _account(self, request: Request) -> _Account | None:
        shown = Credentials(cookie=request.cookies.get(cookie_name(request, self.settings), ""))

        def find(session: Session) -> _Account | None:
            viewer, _ = identify(session, shown, anonymous=False)
            person = people.by_ids(session, [viewer.id]).get(viewer.id)
            return _Account(viewer, person) if person else None

        return await self.lanes.read(find)

    async def _problems(self, account: _Account, current: str, new: str, address: str) -> dict[str, str]:
        email, name = account.person.email, account.person.name
        asked = await self.lanes.read(lambda session: signing.challenge(session, email, address))
        if asked.stored is None:
            return {"": NONE_YET}
        fits, _ = await self.gate.matches(current, asked.stored)
        if not fits:
            await self.lanes.write(lambda session: signing.fail(session, email, address))
            return {"current": WRONG}
        weak = " ".join(passwords.weaknesses(new, email, name))
        return {"new": weak} if weak else {}

    async def _keep(self, viewer: Viewer, new: str) -> None:
        hashed = await self.gate.hashed(new)
        await self.lanes.write(lambda session: signing.set_password(session, viewer, hashed))

    def _again(
        self, request: Request, problems: dict[str, str], status: int, headers: Mapping[str, str] | None = None
    ) -> Response:
        response = render_password(self.site, request, problems)
        response.status_code = status
        response.headers.update(headers or {})
        return response


def _sign_in_first() -> Response:
    return RedirectResponse("/login?next=/me/password", 303)
