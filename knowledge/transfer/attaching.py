"""Keeps the files that imported pages show or offer, once the pages are there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from knowledge.people import Viewer
from knowledge.transfer.dialects.pages import Attached
from knowledge.transfer.places import Place
from knowledge.transfer.report import Finding


@dataclass(frozen=True)
class Wanted:
    """The files of one page: whose they are, and where their bytes lie."""

    slug: str
    page: str
    place: Place
    files: Sequence[Attached]


@dataclass(frozen=True)
class Kept:
    """How many files were kept or there already, and why others were not."""

    count: int = 0
    refused: Sequence[Finding] = ()


def keep(session: Session, viewer: Viewer, wanted: Sequence[Wanted]) -> Kept:  # noqa: ARG001
    """Keep these files as attachments of their entries, which are there by now.

    There is no place for them yet: the text says `attachment:` and the name already, and none is counted as kept.
    """
    return Kept()
