"""XML documents that may be larger than memory, element by element, without anything that XML can do besides."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from backend.imports.content.files import DatasetFiles
from backend.imports.problems import UnreadableDataset

_MAX_TAG_BYTES = 64 * 1024**2
_MAX_TEXT_CHARACTERS = 1024**2
_MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class XmlEvent:
    """An element that begins, with its attributes, or one that ends, with its text."""

    path: str  # of the element's name and those around it, such as `annotations/track`
    attributes: dict[str, str] | None = None
    text: str = ""
    line: int = 0


@dataclass(slots=True)
class _Collector:
    """What the parser has found and nobody has taken yet."""

    names: list[str] = field(default_factory=list[str])
    texts: list[list[str]] = field(default_factory=list[list[str]])
    events: list[XmlEvent] = field(default_factory=list[XmlEvent])


def events_of(files: DatasetFiles, name: str) -> Iterator[XmlEvent]:
    """The elements of a document as they begin and end.

    Raises:
        UnreadableDataset: it is not XML, or declares a document type or entities, which could name files or grow
            without end. It names the line.
    """
    parser, found = expat.ParserCreate(), _Collector()

    def refuse(*_told: object) -> NoReturn:
        words = "It declares a document type or entities, which are not taken."
        raise UnreadableDataset(f"{name}, line {parser.CurrentLineNumber}: {words}")

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if len(found.names) >= _MAX_DEPTH:
            raise UnreadableDataset(f"{name}, line {parser.CurrentLineNumber}: It is nested too deeply.")
        found.names.append(tag)
        found.texts.append([])
        found.events.append(XmlEvent("/".join(found.names), attributes, line=parser.CurrentLineNumber))

    def end(_tag: str) -> None:
        text = "".join(found.texts.pop()).strip()
        found.events.append(XmlEvent("/".join(found.names), None, text, parser.CurrentLineNumber))
        found.names.pop()

    def write(text: str) -> None:
        if found.texts and sum(map(len, found.texts[-1])) < _MAX_TEXT_CHARACTERS:
            found.texts[-1].append(text)

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, write
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = refuse
    parser.buffer_text = True
    waiting = 0
    for piece in files.pieces(name):
        waiting = waiting + len(piece)
        _parse(parser, piece, name, is_last=False)
        if found.events:
            waiting = 0
            yield from found.events
            found.events.clear()
        if waiting > _MAX_TAG_BYTES:
            raise UnreadableDataset(f"{name}, line {parser.CurrentLineNumber}: An element does not fit into memory.")
    _parse(parser, b"", name, is_last=True)
    yield from found.events


def _parse(parser: expat.XMLParserType, piece: bytes, name: str, *, is_last: bool) -> None:
    try:
        parser.Parse(piece, is_last)
    except expat.ExpatError as error:
        words = expat.ErrorString(error.code)
        raise UnreadableDataset(f"{name}, line {error.lineno}: It is not XML ({words}).") from None
