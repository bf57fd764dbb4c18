"""The manual: the documents of the product, for pages and programs."""

from typing import Annotated, Any

import strawberry

from knowledge import manual as documents
from knowledge.people import Act
from schema.atomic import query
from schema.context import Info
from schema.entries.outline import Heading
from schema.fields import shown


@strawberry.type(description="A line of the manual's table of contents.")
class ListedPage:
    """One document, named."""

    name: str = shown("Its name in an address and in manualPage.")
    title: str = shown("What it is called.")
    line: str = shown("What it is good for, in a sentence.")


@strawberry.type(description="The documents for one kind of reader.")
class ManualPart:
    """A part of the manual."""

    title: str = shown("For whom it is.")
    pages: list[ListedPage] = shown("Its documents, the first to read first.")


@strawberry.type(description="A document of the manual.")
class ManualPage:
    """One document."""

    name: str = shown("Its name in an address.")
    title: str = shown("What it is called.")
    html: str = shown("The document as safe HTML, without its title.")
    outline: list[Heading] = shown("Its headings.")


@strawberry.type(description="A section of the manual that has the words which were looked for.")
class ManualSection:
    """One section."""

    page: ListedPage = shown("The document that it is in.")
    anchor: str = shown("The id of its heading; empty where it is the beginning of the document.")
    title: str = shown("Its heading.")
    excerpt: str = shown("Some of its words.")


Name = Annotated[str, strawberry.argument(description="The name of the document, such as integrators.")]
Words = Annotated[str, strawberry.argument(description="Words or their beginnings, all of which a section has.")]


@query("The manual's table of contents.", list[ManualPart], needs=Act.ENTRIES_READ)
def manual(info: Info) -> Any:
    return documents.contents(info.context.viewer)


@query("A document of the manual; null where there is none of this name.", ManualPage | None, needs=Act.ENTRIES_READ)
def manual_page(info: Info, name: Name) -> Any:
    return documents.named(info.context.viewer, name)


@query("The sections of the manual that have all these words, 20 at most.", list[ManualSection], needs=Act.ENTRIES_READ)
def search_manual(info: Info, words: Words) -> Any:
    return documents.search(info.context.viewer, words)


QUERIES = [manual, manual_page, search_manual]
