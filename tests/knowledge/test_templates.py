import pytest
from sqlmodel import Session

from knowledge import templates
from knowledge.errors import Invalid, NotAllowed
from knowledge.people import Viewer
from knowledge.templates import Part
from knowledge.words import Kind, Role
from tests.factories import a_viewer


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_shipped_with_a_question_for_each_of_its_fields(kind: Kind) -> None:
    asked = templates.shipped(kind)

    assert asked.intro
    assert [part.field for part in asked.parts if not part.text] == []
    assert all(len(part.text) <= templates.LONGEST for part in asked.parts)


def test_requirements_ask_for_every_group_of_users() -> None:
    body = {part.field: part.text for part in templates.shipped(Kind.REQUIREMENTS).parts}["body"]

    for group in ("decides", "every day", "sets it up", "running", "after the sale", "sells", "affected"):
        assert group in body


def test_curators_put_a_template_in_other_words_and_back(session: Session) -> None:
    jonas = a_viewer(session, role=Role.STEWARD)
    shipped = templates.of_kind(session, jonas, Kind.STORY)

    first = templates.save(session, jonas, Kind.STORY, None, [Part("title", "  Who was it? ")])
    second = templates.save(session, jonas, Kind.STORY, "Be brief.", [Part("summary", "")])
    again = templates.reset(session, jonas, Kind.STORY)

    assert first.intro == shipped.intro
    assert (second.intro, second.changed_by and second.changed_by.uid) == ("Be brief.", jonas.uid)
    assert {part.field: part.text for part in second.parts} == {
        part.field: {"title": "Who was it?", "summary": ""}.get(part.field, part.text) for part in shipped.parts
    }
    assert again == shipped == templates.of_kind(session, jonas, Kind.STORY)


def test_templates_are_changed_by_curators_and_shown_in_our_words_to_those_who_do_not_write(session: Session) -> None:
    jonas = a_viewer(session, role=Role.STEWARD)
    templates.save(session, jonas, Kind.IDEA, "Ours.", [])

    for viewer in (a_viewer(session), a_viewer(session, role=Role.CUSTOMER), Viewer()):
        with pytest.raises(NotAllowed):
            templates.save(session, viewer, Kind.IDEA, "Mine.", [])
        with pytest.raises(NotAllowed):
            templates.reset(session, viewer, Kind.IDEA)

    assert templates.of_kind(session, a_viewer(session), Kind.IDEA).intro == "Ours."
    assert templates.of_kind(session, Viewer(), Kind.IDEA) == templates.shipped(Kind.IDEA)


@pytest.mark.parametrize("part", [Part("practice.do", "What?"), Part("title", "x" * 1_501)])
def test_part_that_the_kind_has_not_or_that_is_too_long_is_refused(session: Session, part: Part) -> None:
    jonas = a_viewer(session, role=Role.STEWARD)

    with pytest.raises(Invalid):
        templates.save(session, jonas, Kind.STORY, None, [part])


def test_all_templates_are_read_in_one_statement(session: Session, statements: list[str]) -> None:
    jonas = a_viewer(session, role=Role.STEWARD)
    for kind in (Kind.IDEA, Kind.STORY):
        templates.save(session, jonas, kind, "Ours.", [])
    statements.clear()

    assert [asked.kind for asked in templates.every(session, jonas)] == list(Kind)
    assert len(statements) == 1
