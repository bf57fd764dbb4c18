import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.transfer.decoding import decoded, mended

ENGLISH = "The café’s “best” offer – a naïve crème of the season… and the résumé of Zoë’s work."
GERMAN = "Größe über alles: Mädchen müssen öfter Füße waschen – «Übung» hilft."


@pytest.mark.parametrize("text", [ENGLISH, GERMAN, "Only ASCII.", "El país está aquí; ¿vienes?"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
def test_text_is_read_from_the_alphabet_it_was_written_in(text: str, encoding: str) -> None:
    found = decoded(text.encode(encoding))

    assert found.text == text


def test_what_was_not_utf_8_is_said() -> None:
    assert decoded(ENGLISH.encode()).note == ""
    assert "Windows-1252" in decoded(ENGLISH.encode("cp1252")).note
    assert "MacRoman" in decoded(ENGLISH.encode("mac_roman")).note


@pytest.mark.parametrize(("was", "read_as"), [("utf-8", "latin-1"), ("utf-8", "mac_roman"), ("cp1252", "latin-1")])
def test_text_that_was_misread_before_is_mended(was: str, read_as: str) -> None:
    damaged = ENGLISH.encode(was).decode(read_as)

    found = mended(damaged)

    assert found.text == ENGLISH
    assert found.note


def test_the_manifesto_has_its_apostrophes_back() -> None:
    damaged = "An extension to a productís plan, and marketingís success at the customerís side of the deal and of trust. ©\xa0"

    found = mended(damaged)

    assert found.text == damaged.replace("í", "’")
    assert "MacRoman" in found.note


@pytest.mark.parametrize(
    "text",
    [
        "El país de Luís está aquí, y París también.",
        "The trip to París and the país of the Luís family is of note: así es.",
        "Naïve and façade and the résumé of Zoë.",
        "Señor Ñandú of the zoo and the one to see is Ñ.",
        "The sign Ã and the © of 2005.",
    ],
)
def test_text_that_only_looks_odd_is_left_as_it_is(text: str) -> None:
    assert mended(text).text == text


def test_a_stray_byte_in_utf_8_spoils_only_itself() -> None:
    data = "Straße, Größe, Übung".encode() + b" caf\xe9"

    assert decoded(data).text == "Straße, Größe, Übung café"


@given(st.binary(max_size=200))
def test_any_bytes_become_text(data: bytes) -> None:
    found = decoded(data)

    assert "\udc80" not in found.text
    found.text.encode()


@given(st.text(st.characters(codec="ascii")))
def test_ascii_is_never_changed(text: str) -> None:
    assert mended(text).text == text
