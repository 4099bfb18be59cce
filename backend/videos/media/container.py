"""Recognise a file's container by its first bytes, whatever its name.

Only containers that hold their pictures themselves are accepted: a playlist would make the decoder open other files
and addresses.
"""

from dataclasses import dataclass
from pathlib import Path

from backend.videos.media.protocol import Unusable

_HEAD_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Container:
    """The one demuxer that may open the file, and the format names it is allowed to have."""

    demuxer: str
    whitelist: str


_MP4 = Container("mov", "mov,mp4,m4a,3gp,3g2,mj2")
_MATROSKA = Container("matroska", "matroska,webm")
_AVI = Container("avi", "avi")
_MPEG_TS = Container("mpegts", "mpegts")

_PREFIXES: tuple[tuple[bytes, Container], ...] = (
    (b"\x1a\x45\xdf\xa3", _MATROSKA),
    (b"GIF87a", Container("gif", "gif")),
    (b"GIF89a", Container("gif", "gif")),
    (b"FLV\x01", Container("flv", "flv")),
    (b"\x00\x00\x01\xba", Container("mpeg", "mpeg")),
    (b"OggS", Container("ogg", "ogg")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Container("asf", "asf")),
)

_MP4_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
_STILL_BRANDS = {b"avif", b"heic", b"heix", b"mif1"}
_STILLS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG", "a PNG image"),
    (b"BM", "a BMP image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
)
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"#EXTM3U", "a playlist"),
    (b"ffconcat", "a playlist"),
    (b"version https://git-lfs", "a Git LFS pointer, the video itself was never fetched"),
    (b"PK\x03\x04", "an archive"),
    (b"%PDF", "a document"),
    (b"ID3", "an audio file"),
    (b"fLaC", "an audio file"),
)


def container_of(path: Path) -> Container:
    """Recognise the container of a file.

    Raises:
        Unusable: it is empty, a still image, a playlist, text or something unknown.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if not head:
        raise Unusable("is empty")
    if head[4:8] in _MP4_BOXES:
        if head[4:8] == b"ftyp" and head[8:12] in _STILL_BRANDS:
            raise Unusable("is a still image, not a video")
        return _MP4
    if head[:4] == b"RIFF":
        return _riff(head)
    for prefix, container in _PREFIXES:
        if head.startswith(prefix):
            return container
    if _is_transport_stream(head):
        return _MPEG_TS
    raise Unusable(_problem_of(head))


def _riff(head: bytes) -> Container:
    kind = head[8:12]
    if kind == b"AVI ":
        return _AVI
    raise Unusable("is a still image, not a video" if kind == b"WEBP" else "is not a video")


def _is_transport_stream(head: bytes) -> bool:
    plain = all(head[i : i + 1] == b"\x47" for i in (0, 188, 376))
    with_times = all(head[i : i + 1] == b"\x47" for i in (4, 196, 388))
    return plain or with_times


def _problem_of(head: bytes) -> str:
    for prefix, what in _STILLS:
        if head.startswith(prefix):
            return f"is {what}, not a video"
    for prefix, what in _OTHERS:
        if head.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(prefix):
            return f"is not a video but {what}"
    printable = sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in head)
    return "is not a video but text" if printable == len(head) else "is not a video of a known kind"
