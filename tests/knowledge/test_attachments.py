import hashlib
import os
import resource
import signal
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlmodel import Session

from knowledge import attachments, clock, entries, filenames
from knowledge.attachments import Limits
from knowledge.attachments.contents import Folder, store_of
from knowledge.database import Database, Unwritable
from knowledge.entries import EntryRow, publishing, writing
from knowledge.errors import Invalid, NotAllowed, NotFound, Refusal, TooLarge
from knowledge.people import OPERATOR, Viewer
from knowledge.words import Audience, Kind, Role
from tests.factories import a_draft, a_file, a_picture, a_viewer, an_entry, some_bytes
from tests.knowledge.hostile_files import KEPT, REFUSED, bomb

DATA = b"A line.\n"
HASH = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def session(database: Database, session: Session) -> Session:
    """Of a database of the test's own: the bytes lie beside it."""
    assert session.get_bind() is database.engine
    return session


@pytest.mark.parametrize(("name", "data", "media_type", "size"), KEPT, ids=[each[0] for each in KEPT])
def test_files_are_known_by_their_content(
    name: str, data: bytes, media_type: str, size: tuple[int, int] | None
) -> None:
    found = attachments.recognise(BytesIO(data), name, pixels=50_000_000)

    assert found.media_type == media_type
    assert (found.width, found.height) == (size or (None, None))


def test_an_archive_is_looked_at_without_unpacking_it() -> None:
    file = BytesIO(bomb())
    tracemalloc.start()

    with pytest.raises(Invalid):
        attachments.recognise(file, "a.odt", pixels=50_000_000)

    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


@pytest.mark.parametrize("what", REFUSED)
def test_hostile_and_broken_files_are_refused(what: str) -> None:
    name, data = REFUSED[what]

    with pytest.raises(Refusal) as refused:
        attachments.recognise(BytesIO(data), name, pixels=50_000_000)

    assert [each.field for each in refused.value.problems] == ["file"]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("plan.png", "plan.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\My plan (2).PNG", "My-plan-2.PNG"),
        ("..", "file"),
        (".htaccess", "htaccess"),
        ("", "file"),
        ("Cafe\u0301.txt", "Café.txt"),
        ("a\u202egnp.exe", "a-gnp.exe"),
        ('"><script>.png', "script.png"),
        ("a\r\nset-cookie: b.txt", "a-set-cookie-b.txt"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
        ("/", "file"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert filenames.safe(name) == safe
    assert filenames.safe(safe) == safe


def test_equal_bytes_lie_there_once(session: Session) -> None:
    viewer = a_viewer(session)
    first, second = an_entry(session, viewer), an_entry(session, viewer)

    for entry in (first, second):
        a_file(session, viewer, entry, name="a.txt", data=DATA)

    store = store_of(session)
    assert list(store.all(session)) == [(HASH, len(DATA))]
    with store.open(session, HASH) as file:
        assert file.read() == DATA


def test_what_is_read_is_never_outside_the_folder(session: Session, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    store = Folder(tmp_path / "attachments")
    (store.path / "ab").mkdir(parents=True)
    (store.path / "ab" / ("ab" * 32)).symlink_to(secret)

    for name in ("../secret", "../../etc/passwd", "ab" * 32, str(secret), "ab", ""):
        with pytest.raises(NotFound):
            store.open(session, name)
    assert list(store.all(session)) == []


def test_a_second_file_of_a_name_gets_a_number_and_the_same_file_stays_one(session: Session) -> None:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer)

    names = [
        a_file(session, viewer, entry, name="image.txt", data=data).name for data in (b"one", b"two", b"one", b"three")
    ]

    assert names == ["image.txt", "image-2.txt", "image.txt", "image-3.txt"]


def test_a_program_replaces_what_has_the_name(session: Session) -> None:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer)
    what = attachments.recognise(BytesIO(DATA), "a.txt", pixels=1)
    before = a_file(session, viewer, entry, name="a.txt", data=b"before", alt="kept")

    after = attachments.replace(session, viewer, entry, some_bytes(session, DATA), name="a.txt", what=what)
    again = attachments.replace(session, viewer, entry, some_bytes(session, DATA), name="a.txt", what=what)

    assert [after.uid, after.sha256, after.alt] == [again.uid, HASH, "kept"]
    assert attachments.by_uid(session, viewer, before.uid) is None


def test_limits_are_those_of_a_file_of_an_entry_and_of_all(session: Session) -> None:
    viewer = a_viewer(session)
    entry, other = an_entry(session, viewer), an_entry(session, viewer)
    a_file(session, viewer, entry, data=b"x" * 60)
    limits = Limits(file=50, entry=100, altogether=130)

    for data, where in ((b"y" * 51, other), (b"y" * 41, entry), (b"y" * 49, other), (b"z" * 49, other)):
        if (data, where) == (b"y" * 49, other):
            a_file(session, viewer, where, data=data, limits=limits)
        else:
            with pytest.raises(Invalid):
                a_file(session, viewer, where, data=data, limits=limits)
    with pytest.raises(TooLarge), store_of(session).incoming(10) as incoming:
        incoming.write(b"x" * 11)


def test_everything_that_is_wrong_with_a_change_is_said_at_once(session: Session) -> None:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer)
    a_file(session, viewer, entry, name="other.png", data=a_picture(5, 5))
    picture = a_file(session, viewer, entry, name="plan.png", data=a_picture())

    wrong = [{"name": "other.png", "alt": " "}, {"name": "plan.jpg", "alt": "x" * 301}, {"name": " "}]
    found = []
    for changes in wrong:
        with pytest.raises(Invalid) as refused:
            attachments.update(session, viewer, picture.uid, changes)  # type: ignore[arg-type]
        found.append({each.field for each in refused.value.problems})

    assert found == [{"name", "alt"}, {"name", "alt"}, {"name"}]


def test_a_former_name_goes_on_finding_the_file(session: Session) -> None:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer)
    item = a_file(session, viewer, entry, name="a.txt")

    for name in ("b.txt", "c.txt", "a.txt", "d.txt"):
        attachments.update(session, viewer, item.uid, {"name": name})

    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        found = attachments.named(session, viewer, entry, name)
        assert found is not None
        assert (found.uid, found.name) == (item.uid, "d.txt")
    a_file(session, viewer, entry, name="b.txt", data=b"another")
    assert attachments.named(session, viewer, entry, "b.txt").uid != item.uid  # type: ignore[union-attr]


def test_a_text_leads_to_its_files_and_leaves_room_for_its_pictures(session: Session) -> None:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer, kind=Kind.GUIDE, slug="a-guide")
    a_file(session, viewer, entry, name="plan.png", data=a_picture(40, 30))

    row = writing.update(session, viewer, entry.uid, 1, {"body": "![The plan](attachment:plan.png)"})
    html = writing.latest_revision(session, session.get_one(entries.Entry, row.id)).body_html

    assert 'src="/entries/a-guide/files/plan.png" loading="lazy" width="40" height="30"' in html


def seen(session: Session, viewer: Viewer, entry: EntryRow) -> list[str]:
    row = entries.by_uid(session, viewer, entry.uid)
    return [each.name for each in attachments.of_entry(row, viewer)] if row else []


def test_outsiders_see_what_was_there_when_the_text_was_approved(session: Session) -> None:
    author, steward = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    customer = a_viewer(session, role=Role.CUSTOMER)
    draft = a_draft(session, author, audience=Audience.CUSTOMERS)
    a_file(session, author, draft, name="approved.txt", data=b"1")
    publishing.submit(session, author, draft.uid)
    entry = publishing.approve(session, steward, draft.uid)
    late = a_file(session, author, entry, name="late.txt", data=b"2")

    assert seen(session, customer, entry) == ["approved.txt"]
    assert attachments.by_uid(session, customer, late.uid) is None
    assert attachments.named(session, customer, entry, "late.txt") is None
    assert seen(session, steward, entry) == ["approved.txt", "late.txt"]
    writing.update(session, author, entry.uid, 1, {"body": "With [it](attachment:late.txt)."})
    publishing.submit(session, author, entry.uid)
    publishing.approve(session, steward, entry.uid)
    assert seen(session, customer, entry) == ["approved.txt", "late.txt"]


def test_what_is_out_for_customers_is_neither_replaced_nor_taken_off_by_its_author(session: Session) -> None:
    author, steward = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    entry = an_entry(session, author, audience=Audience.PUBLIC)
    item = a_file(session, author, entry, name="a.txt", data=b"1")
    what = attachments.recognise(BytesIO(DATA), "a.txt", pixels=1)

    with pytest.raises(NotAllowed):
        attachments.remove(session, author, item.uid)
    with pytest.raises(Invalid):
        attachments.replace(session, steward, entry, some_bytes(session, DATA), name="a.txt", what=what)
    attachments.remove(session, steward, item.uid)

    assert seen(session, author, entry) == []


def test_what_outsiders_see_of_a_file_is_renamed_and_described_by_those_who_curate(session: Session) -> None:
    author, steward = a_viewer(session), a_viewer(session, role=Role.STEWARD)
    draft = a_draft(session, author, audience=Audience.PUBLIC)
    item = a_file(session, author, draft, name="a.txt", data=b"1")
    entry = publishing.publish(session, OPERATOR, draft.uid)
    late = a_file(session, author, entry, name="late.txt", data=b"2")

    for changes in ({"alt": "Unapproved."}, {"name": "unapproved.txt"}):
        with pytest.raises(NotAllowed):
            attachments.update(session, author, item.uid, changes)  # type: ignore[arg-type]
    attachments.update(session, author, late.uid, {"alt": "Nobody outside sees it yet."})
    attachments.update(session, steward, item.uid, {"name": "b.txt"})

    assert seen(session, author, entry) == ["b.txt", "late.txt"]


def test_files_are_attached_by_those_who_may_edit(session: Session) -> None:
    author, colleague = a_viewer(session), a_viewer(session)
    entry = an_entry(session, author)
    item = a_file(session, author, entry)
    archived = publishing.archive(session, author, an_entry(session, author).uid)

    with pytest.raises(Refusal, match="may edit"):
        a_file(session, colleague, entry)
    with pytest.raises(NotAllowed):
        attachments.update(session, colleague, item.uid, {"alt": "x"})
    with pytest.raises(NotAllowed):
        attachments.remove(session, colleague, item.uid)
    with pytest.raises(Refusal, match="archived"):
        a_file(session, author, archived)
    hidden = a_file(session, author, a_draft(session, author))
    with pytest.raises(NotFound):
        attachments.remove(session, a_viewer(session, role=Role.STEWARD), hidden.uid)


def aged(session: Session, sha256: str) -> None:
    """Make bytes look two days old, where they lie as files."""
    store = store_of(session)
    if isinstance(store, Folder):
        long_ago = (clock.now() - timedelta(days=2)).timestamp()
        os.utime(store.path / sha256[:2] / sha256, (long_ago, long_ago))


def test_bytes_that_nobody_needs_go_after_a_day(session: Session) -> None:
    viewer = a_viewer(session)
    entry = an_entry(session, viewer)
    with clock.held(clock.now() - timedelta(days=2)):
        store_of(session).put(session, some_bytes(session, b"never committed"))
        gone = a_file(session, viewer, entry, name="gone.txt", data=b"gone")
        kept = a_file(session, viewer, entry, name="kept.txt", data=b"kept")
        attachments.remove(session, viewer, gone.uid)
    mistake = a_file(session, viewer, entry, name="mistake.txt", data=b"mistake")
    attachments.remove(session, viewer, mistake.uid)
    for row in store_of(session).all(session):
        if row[0] != mistake.sha256:
            aged(session, row[0])

    assert attachments.tidy(session) == 2
    assert attachments.tidy(session) == 0
    assert {sha256 for sha256, _ in store_of(session).all(session)} == {kept.sha256, mistake.sha256}


def test_bytes_that_come_again_are_not_tidied_away(session: Session) -> None:
    with clock.held(clock.now() - timedelta(days=2)):
        content = some_bytes(session, DATA)
        store_of(session).put(session, content)
    aged(session, HASH)

    store_of(session).put(session, some_bytes(session, DATA))

    assert attachments.tidy(session) == 0


def test_what_a_crash_left_half_way_is_swept_out_by_the_next_upload(tmp_path: Path) -> None:
    store = Folder(tmp_path)
    left = tmp_path / "incoming" / "incoming-left"
    left.parent.mkdir()
    left.write_bytes(b"half")
    with clock.held(clock.now() + timedelta(days=2)), store.incoming(10) as incoming:
        incoming.write(b"x")

    assert not left.exists()
    assert not incoming.path.exists()


@contextmanager
def files_may_not_grow(most: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    heard = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, heard)


def test_a_full_disk_is_a_clean_refusal_and_leaves_nothing(tmp_path: Path) -> None:
    store = Folder(tmp_path / "attachments")

    with files_may_not_grow(4096), pytest.raises(Unwritable), store.incoming(1 << 20) as incoming:
        incoming.write(b"x" * 5000)

    assert [path for path in store.path.rglob("*") if path.is_file()] == []
    with store.incoming(1 << 20) as incoming:
        incoming.write(b"x" * 5000)
        assert incoming.finish().size == 5000


def test_attachments_survive_a_transaction_that_is_rolled_back(sqlite: Database) -> None:
    viewer = sqlite.write(a_viewer)
    entry = sqlite.write(lambda session: an_entry(session, viewer))

    def fails(session: Session) -> None:
        a_file(session, viewer, entry, name="a.txt", data=DATA)
        raise Invalid("Not today.")

    with pytest.raises(Invalid):
        sqlite.write(fails)
    row = sqlite.write(lambda session: a_file(session, viewer, entry, name="a.txt", data=DATA))

    with sqlite.reading() as session, store_of(session).open(session, row.sha256) as file:
        assert file.read() == DATA
