import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.meaning.encoder import Encoder
from knowledge.meaning.wordpiece import WordPiece, words

# What the reference, Hugging Face's `tokenizers` 0.23 with the model's own tokenizer.json, makes of these.
# fmt: off
CASES: list[tuple[str, list[int]]] = [
    ("", []),
    ('   \n\t ', []),
    ("What do I do when a customer is angry?", [2054, 2079, 1045, 2079, 2043, 1037, 8013, 2003, 4854, 1029]),
    ("Retention, churn & win-back: NPS", [20125, 1010, 14684, 6826, 1004, 2663, 1011, 2067, 1024, 27937, 2015]),
    ("unaffable", [14477, 20961, 3468]),
    ("antidisestablishmentarianism", [3424, 10521, 4355, 7875, 13602, 3672, 12199, 2964]),
    ("don't can't won't", [2123, 1005, 1056, 2064, 1005, 1056, 2180, 1005, 1056]),
    ("e-mail user_name@example.org", [1041, 1011, 5653, 5310, 1035, 2171, 1030, 2742, 1012, 8917]),
    ("C++ & C# cost $5.00 = €4.60", [1039, 1009, 1009, 1004, 1039, 1001, 3465, 1002, 1019, 1012, 4002, 1027, 1574, 2549, 1012, 3438]),
    ("Café crème brûlée", [7668, 13675, 21382, 7987, 9307, 2063]),
    ("ÅNGSTRÖM naïve façade", [17076, 15687, 15743, 8508]),
    ("Straße", [2358, 27807]),
    ("İstanbul ısı", [9960, 1104, 2015, 11722]),
    ("ΟΔΟΣ Οδυσσεύς", [1169, 29722, 29730, 29733, 1169, 29722, 29735, 29733, 29733, 29723, 29735, 19579]),
    ("Привет, мир!", [1194, 16856, 10325, 25529, 15290, 22919, 1010, 1191, 10325, 16856, 999]),
    ("客户忠诚度 wins", [100, 100, 1852, 100, 100, 5222]),
    ("日本語のテキスト", [1864, 1876, 1950, 1671, 30239, 30227, 30233, 30240]),
    ("고객 만족", [1455, 30011, 29991, 30007, 30020, 1459, 30006, 30021, 30000, 30011, 30020]),
    ("ลูกค้า", [100]),
    ("مرحبا بالعالم", [1295, 17149, 29820, 29816, 25573, 1271, 25573, 23673, 29830, 25573, 23673, 22192]),
    ("שָׁלוֹם", [1266, 29799, 29792, 29800]),
    ("नमस्ते दुनिया", [1327, 29867, 29874, 29859, 1325, 29863, 29877, 29868, 29876]),
    ("😀 great 👍🏽 service", [100, 2307, 100, 2326]),
    ('a\u200bb\u200d c\ufeffd', [11113, 3729]),
    ('soft\xadhyphen', [3730, 10536, 8458, 2368]),
    ('non\xa0breaking\u3000space', [2512, 4911, 2686]),
    ('line\r\nbreak\u2028next\x85end', [2240, 3338, 2279, 10497]),
    ('nul\x00 bell\x07 x\ufffdy', [16371, 2140, 4330, 1060, 2100]),
    ("½ price ²", [1092, 3976, 1082]),
    ("ﬁne ﬂow", [1984, 2638, 1985, 5004]),
    ("１２３ ＡＢＣ", [100, 100]),
    ("¿Qué tal? «Bien»", [1094, 10861, 21368, 1029, 1077, 29316, 1090]),
    ("“Quotes” – and … dashes—too", [1523, 16614, 1524, 1516, 1998, 1529, 11454, 2229, 1517, 2205]),
    ("x" * 100, [22038] + [20348] * 49),
    ("x" * 101, [100]),
    ("3.14159 1,000,000 10%", [1017, 1012, 15471, 28154, 1015, 1010, 2199, 1010, 2199, 2184, 1003]),
    ("##ing ## #", [1001, 1001, 13749, 1001, 1001, 1001]),
    ("ⅷ Ⅷ", [100, 100]),
    ('e\u0301te\u0301', [3802, 2063]),
    ('A\u030angstro\u0308m', [17076, 15687]),
    ("supercalifragilisticexpialidocious", [3565, 9289, 10128, 29181, 24411, 4588, 10288, 19312, 21273, 10085, 6313]),
    ("HTTP/2 <b>bold</b>", [8299, 1013, 1016, 1026, 1038, 1028, 7782, 1026, 1013, 1038, 1028]),
    ('tab\tand\x0bvertical\x0cfeed', [21628, 1998, 16874, 7476, 7959, 2098]),
    ('\ue000private\ue001use', [2797, 8557]),
]
# fmt: on


@pytest.mark.parametrize(("text", "ids"), CASES)
def test_the_pieces_are_those_of_the_reference(encoder: Encoder, text: str, ids: list[int]) -> None:
    assert encoder.wordpiece.ids(text) == ids


def test_marks_of_the_model_in_a_text_are_text(encoder: Encoder) -> None:
    marks = {encoder.wordpiece.begin, encoder.wordpiece.end, encoder.wordpiece.unknown}

    assert not marks & set(encoder.wordpiece.ids("[CLS] [SEP] [UNK]"))


@given(st.text())
def test_any_text_has_pieces_and_no_more_than_letters(text: str) -> None:
    pieces = WordPiece(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "##a", "e", "##e", "1", "."])

    ids = pieces.ids(text)

    assert all(0 <= id < 10 for id in ids)
    assert len(ids) <= sum(map(len, words(text)))


@given(st.text())
def test_words_have_no_spaces_and_are_cut_alike_a_second_time(text: str) -> None:
    found = list(words(text))

    assert not any(character.isspace() for word in found for character in word)
    assert list(words(" ".join(found))) == found


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.meaning.wordpiece.REMEMBERED", 2)
    pieces = WordPiece(["[UNK]", "[CLS]", "[SEP]", "a", "b", "c"])

    assert pieces.ids("a b c a") == [3, 4, 5, 3]
