"""A digest in words: what happened, thing by thing with its link, and how to have no more of these letters."""

from frontend.words import heard
from knowledge.community import leaving as leave
from knowledge.community.letters import Happening, Letter
from schema.nodes import id_of

_WIDE = 100


def leaving(letter: Letter, base: str, secret: bytes) -> str:
    """The address by which whoever has this letter gets no more, without signing in."""
    return f"{base}/letters/{leave.written(secret, letter.person)}"


def written(letter: Letter, base: str, secret: bytes) -> tuple[str, str]:
    """The subject without the name of the installation, and what the letter says between its greeting and its end."""
    many = len(letter.happenings)
    subject = "one thing happened" if many == 1 else f"{many} things happened"
    day = f"{letter.since:%A}, {letter.since.day} {letter.since:%B}"
    parts = [f"This happened since {day} to what you wrote and follow."]
    parts += [_one(each, base) for each in letter.happenings]
    if letter.has_more:
        parts.append(f"There is more: {base}/notifications")
    parts.append(
        f"What you hear of, and how often: {base}/me#letters\nTo have no more of these letters: {leaving(letter, base, secret)}"
    )
    return subject, "\n\n".join(parts)


def _one(told: Happening, base: str) -> str:
    about = " ".join(told.about.split())
    about = about if len(about) <= _WIDE else f"{about[:_WIDE].rstrip()}…"
    title = about if told.slug is not None else f"“{about}”"
    often = f", {told.count} times in all" if told.count > told.others + 1 else ""
    return f"{title}\n{heard(told.reason, told.actor, told.others)}{often}.\n{base}{_path(told)}"


def _path(told: Happening) -> str:
    if told.slug is not None:
        return f"/entries/{told.slug}"
    if told.feedback is None:
        return "/culture"
    return f"/feedback/{id_of('Feedback', told.feedback)}" if told.is_reader else "/portal"
