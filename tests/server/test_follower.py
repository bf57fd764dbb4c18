import asyncio
from uuid import UUID

from knowledge import changes, clock
from knowledge.changes import Place
from knowledge.database import Database
from server.live.follower import Follower, Listener

ENTRY = frozenset({"Entry"})


def moved(database: Database, type: str, *uids: UUID) -> Place:
    database.write(lambda session: changes.record_all(session, type, uids))
    with database.reading() as session:
        return changes.head(session)


async def woken(listener: Listener) -> None:
    async with asyncio.timeout(10):
        await listener.woken.wait()
    listener.woken.clear()


def test_listeners_are_woken_by_what_concerns_them_and_the_latest_is_kept(sqlite: Database) -> None:
    async def lived() -> None:
        follower, mine = Follower(sqlite, kept=10), clock.uid()
        everything, one, oneself = Listener(ENTRY, None, None), Listener(ENTRY, frozenset({mine}), None), clock.uid()
        signed_in = Listener(frozenset({"Feedback"}), None, oneself)
        follower.start()
        with follower.waking(everything), follower.waking(one), follower.waking(signed_in):
            for listener in (everything, one, signed_in):
                await woken(listener)  # once it follows
            began = await asyncio.to_thread(moved, sqlite, "Entry", clock.uid())
            await woken(everything)
            assert not one.woken.is_set()

            await asyncio.to_thread(moved, sqlite, "Entry", mine)
            await woken(everything)
            await woken(one)
            assert [each.uid for each in follower.since(began) or ()] == [mine]

            await asyncio.to_thread(moved, sqlite, "Person", oneself)
            await woken(signed_in)
            assert not everything.woken.is_set()

            many = [clock.uid() for _ in range(30)]
            end = await asyncio.to_thread(moved, sqlite, "Entry", *many)
            await woken(everything)
            assert follower.since(began) is None  # longer ago than what is kept: it reads the log itself
            assert follower.since(end) == []
            assert [each.uid for each in follower.since(Place(0, end.id - 3)) or ()] == many[-3:]
        await follower.stop()

    asyncio.run(lived())
