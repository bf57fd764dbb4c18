import os
import random
from collections import Counter

from schema.documents import Unacceptable
from tests.schema.plans.both import World
from tests.schema.plans.generated import Maker

IS_LONG = os.environ.get("LOYALTY_TEST_ROUNDS") == "long"
OPERATIONS = 5_000 if IS_LONG else 300


def test_generated_operations_answer_what_the_stock_executor_answers(world: World) -> None:
    chance, counted = random.Random(9), Counter[str]()
    roles = sorted(world.viewers)
    for _ in range(OPERATIONS):
        made = Maker(world, chance).operation()
        role = chance.choice(["ADMIN", "ADMIN", *roles])
        try:
            stock = world.run(made.source, world.viewers[role], made.variables, plans=False)
        except Unacceptable as refused:
            counted[f"unacceptable: {refused.errors[0]['extensions']['code']}"] += 1
            continue
        plan = world.run(made.source, world.viewers[role], made.variables, plans=True)

        assert plan.told == stock.told, (role, made)
        assert (plan.heard, plan.looked, plan.bug) == (stock.heard, stock.looked, stock.bug), (role, made)
        assert plan.is_planned or stock.errors, (role, made)
        counted["planned" if plan.is_planned else "replayed"] += 1
        counted["with errors"] += bool(stock.errors)

    assert counted["planned"] > OPERATIONS / 4
    assert counted["replayed"] > OPERATIONS / 50
