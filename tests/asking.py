"""Runs GraphQL documents in the tests, as the edge does."""

from typing import Any

from sqlmodel import Session

from knowledge.database import Database
from knowledge.people import Viewer
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

        def work(session: Session) -> Answer:
            answer = execution.run(operation, Context(session, viewer, self.index, "test"), variables)
            if answer.bug is not None:
                raise Bug(answer)
            return answer

        if operation.kind == "query":
            with self.database.reading() as session:
                return work(session)
        return self.database.write(work)

    def data(self, source: str, viewer: Viewer, **variables: Any) -> Any:
        answer = self(source, viewer, **variables)
        assert not answer.errors, answer.errors
        return answer.data

    def follow(self) -> None:
        following.follow(self.database, self.index)
