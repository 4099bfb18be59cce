"""JSON documents that may be larger than memory: their members one by one, and the entries of their lists."""

import codecs
import json
from collections.abc import Iterator
from typing import Any

from backend.imports.content.files import DatasetFiles
from backend.imports.problems import UnreadableDataset

_MAX_ENTRY_CHARACTERS = 64 * 1024**2
_WHITESPACE = " \t\n\r"
_SPENT_CHARACTERS = 256 * 1024


def members_of(files: DatasetFiles, name: str) -> Iterator[tuple[str, Any]]:
    """The members of the object that a document consists of. A list comes entry by entry, each under the list's name.

    Raises:
        UnreadableDataset: it is not JSON, not one object, or an entry does not fit into memory. It names the line.
    """
    text = _Text(files, name)
    text.expect("{", "The document must be one JSON object")
    if text.skip("}"):
        return
    while True:
        key = text.value()
        if not isinstance(key, str):
            raise text.problem("A member's name must be text")
        text.expect(":", "A colon is missing")
        if text.skip("["):
            yield from ((key, entry) for entry in _entries(text))
        else:
            yield key, text.value()
        if text.skip("}"):
            break
        text.expect(",", "A comma is missing")
    text.end()


def _entries(text: "_Text") -> Iterator[Any]:
    if text.skip("]"):
        return
    while True:
        yield text.value()
        if text.skip("]"):
            return
        text.expect(",", "A comma is missing")


class _Text:
    """The text of a document, of which only what is being read is in memory."""

    def __init__(self, files: DatasetFiles, name: str) -> None:
        self._pieces = files.pieces(name)
        self._name = name
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._decoder = json.JSONDecoder(parse_constant=_no_constant)
        self._text, self._at, self._line, self._ended = "", 0, 1, False

    def value(self) -> Any:
        """The next value, whole."""
        self._next()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
                if end < len(self._text) or self._ended:  # a number may go on in the next piece
                    self._move(end)
                    return value
            except json.JSONDecodeError as error:
                if self._ended:
                    raise self.problem(error.msg, at=error.pos) from None
            except (ValueError, RecursionError) as error:
                words = "It is nested too deeply" if isinstance(error, RecursionError) else str(error)
                raise self.problem(words) from None
            if len(self._text) - self._at > _MAX_ENTRY_CHARACTERS:
                raise self.problem(f"An entry is longer than {_MAX_ENTRY_CHARACTERS // 1024**2} million characters")
            self._read(len(self._text) - self._at)

    def skip(self, character: str) -> bool:
        """Whether this character comes next; if so, it is passed."""
        found = self._next() == character
        if found:
            self._move(self._at + 1)
        return found

    def expect(self, character: str, otherwise: str) -> None:
        if not self.skip(character):
            raise self.problem(otherwise)

    def end(self) -> None:
        """Read to the end, where nothing may follow."""
        if self._next():
            raise self.problem("Something follows the end of the document")

    def problem(self, words: str, *, at: int | None = None) -> UnreadableDataset:
        line = self._line + self._text.count("\n", 0, self._at if at is None else at)
        return UnreadableDataset(f"{self._name}, line {line}: {words.rstrip('.')}.")

    def _next(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _WHITESPACE:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._read(0)

    def _move(self, to: int) -> None:
        self._at = to
        if self._at > _SPENT_CHARACTERS:
            self._line += self._text.count("\n", 0, self._at)
            self._text, self._at = self._text[self._at :], 0

    def _read(self, at_least: int) -> None:
        """Read on. Twice as much each time, or an entry that spans many pieces would be tried once for each."""
        read = [self._text]
        total = 0
        while total <= at_least:
            piece = next(self._pieces, None)
            try:
                read.append(self._decode.decode(piece or b"", final=piece is None))
            except UnicodeDecodeError:
                raise self.problem("It is not UTF-8 text") from None
            if piece is None:
                self._ended = True
                break
            total += len(read[-1])
        self._text = "".join(read)


def _no_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON")
