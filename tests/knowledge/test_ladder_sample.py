import json

from sqlalchemy import func, select

from knowledge import customers
from knowledge.customers import CustomerRow, StageTransition
from knowledge.database import Database, read, table_of
from knowledge.ladder import settling
from knowledge.ladder.transactions import Transaction
from knowledge.transfer import install_sample, remove_sample
from knowledge.transfer.library import FOLDER
from knowledge.words import StageSource


def stages(database: Database) -> dict[str | None, str]:
    with database.reading() as session:
        statement = select(table_of(customers.Customer)).where(table_of(customers.Customer).c.source == "sample")
        return {row.external_id: row.stage.lower() for row in read(session, CustomerRow, statement)}


def test_the_samples_customers_climb_to_where_its_file_says(storied: Database) -> None:
    lines = (FOLDER / "sample" / "customers.jsonl").read_text().splitlines()
    told = {each["external_id"]: each["stage"] for each in map(json.loads, lines)}

    first = stages(storied)
    storied.write(lambda session: settling.round_from(session, 0))
    install_sample(storied)

    assert first == told
    assert stages(storied) == told
    with storied.reading() as session:
        row = table_of(StageTransition).c
        moves = session.connection().execute(select(row.customer_id, row.from_stage, row.to_stage).order_by(row.id))
        stood: dict[int, str] = {}
        for id, from_stage, to_stage in moves:
            assert stood.get(id) == from_stage  # L1
            stood[id] = to_stage
        by_hand = read(
            session,
            CustomerRow,
            select(table_of(customers.Customer)).where(
                table_of(customers.Customer).c.stage_source == StageSource.MANUAL,
                table_of(customers.Customer).c.source == "sample",
            ),
        )
        assert len(by_hand) == 2
    remove_sample(storied)
    with storied.reading() as session:
        left = select(func.count()).select_from(table_of(Transaction))
        assert session.connection().execute(left).scalar() == 0
