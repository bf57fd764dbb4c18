"""Runs GraphQL documents in the tests, as the edge does."""

from typing import Any

from sqlmodel import Session

from knowledge.database import Database
from knowledge.people import Viewer
from knowledge.privacy import looks
from knowledge.privacy.looks import Looked
from knowledge.search import following
from knowledge.search.index import Index
from schema import execution
from schema.context import Context
from schema.execution import Answer
from schema.limits import Limits


class Bug(Exception):
    """Something unexpected happened: the transaction is rolled back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.bug))
        self.answer = answer


class Ask:
    """Call it with a document, a viewer and variables; `data` refuses errors, the call itself answers everything."""

    def __init__(self, database: Database, index: Index) -> None:
        self.database = database
        self.index = index

    def __call__(self, source: str, viewer: Viewer, **variables: Any) -> Answer:
        limits = Limits(cost=20_000)
        operation = execution.prepare(source, variables=variables, viewer=viewer, limits=limits)

        looked: dict[Looked, None] = {}

        def work(session: Session) -> Answer:
            context = Context(session, viewer, self.index, "test")
            answer = execution.run(operation, context, variables)
            looked.update(context.looked)
            if answer.bug is not None:
                raise Bug(answer)
            return answer

        if operation.kind == "query":
            with self.database.reading() as session:
                answer = work(session)
        else:
            answer = self.database.write(work)
        if looked:
            self.database.write(lambda session: looks.write(session, looked))
        return answer

    def data(self, source: str, viewer: Viewer, **variables: Any) -> Any:
        answer = self(source, viewer, **variables)
        assert not answer.errors, answer.errors
        return answer.data

    def follow(self) -> None:
        following.follow(self.database, self.index)
