"""Recognise a file's container by its first bytes, whatever its name.

Only containers that hold their pictures themselves are accepted: a playlist would make the decoder open other files
and addresses.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from backend.videos.media.protocol import Unusable

_HEAD_BYTES = 64 * 1024  # also the longest preface that MXF allows
_BEGINNING = 1024  # bytes that tell text from binary

KINDS = (
    "MP4, MOV, Matroska, WebM, AVI, MXF, MPEG transport and program streams, MPEG-1, -2 and -4, H.264 and HEVC "
    "elementary streams, WMV, FLV, Ogg, DV, IVF, Y4M, GIF and animated PNG"
)
"""The kinds of files that are taken, as a person reads them."""


@dataclass(frozen=True, slots=True)
class Container:
    """The one demuxer that may open the file, and the format names it is allowed to have."""

    demuxer: str
    whitelist: str


_MP4 = Container("mov", "mov,mp4,m4a,3gp,3g2,mj2")
_MATROSKA = Container("matroska", "matroska,webm")
_AVI = Container("avi", "avi")
_MPEG_TS = Container("mpegts", "mpegts")
_MPEG_PS = Container("mpeg", "mpeg")
_MXF = Container("mxf", "mxf")
_APNG = Container("apng", "apng")
_MPEG_VIDEO = Container("mpegvideo", "mpegvideo")
_MPEG_4 = Container("m4v", "m4v")
_H264 = Container("h264", "h264")
_HEVC = Container("hevc", "hevc")

_PREFIXES: tuple[tuple[bytes, Container], ...] = (
    (b"\x1a\x45\xdf\xa3", _MATROSKA),
    (b"GIF87a", Container("gif", "gif")),
    (b"GIF89a", Container("gif", "gif")),
    (b"FLV\x01", Container("flv", "flv")),
    (b"DKIF", Container("ivf", "ivf")),
    (b"YUV4MPEG2 ", Container("yuv4mpegpipe", "yuv4mpegpipe")),
    (b"\x1f\x07\x00", Container("dv", "dv")),
    (b"OggS", Container("ogg", "ogg")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Container("asf", "asf")),
)

_MP4_BOXES = {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"sidx", b"free", b"skip", b"wide", b"pnot"}
_MXF_PARTITION = bytes.fromhex("060e2b34020501010d01020101")
_PACKET_SIZES = (188, 192, 204)  # of transport streams: plain, with times, with error correction
_HEVC_UNITS = {32, 33, 34, 35, 39}  # parameter sets, delimiter, supplement
_H264_UNITS = {0x67, 0x27, 0x47, 0x68, 0x28, 0x48, 0x09, 0x06}  # the same
_SEQUENCE_HEADER = re.compile(rb"\x00\x00\x01\xb3...[\x11-\xe8]", re.DOTALL)  # of MPEG-1 and -2: sizes, shape, rate
_H264_PARAMETERS = re.compile(rb"\x00\x00\x01[\x67\x27\x47][\x42\x4d\x58\x64\x6e\x7a\xf4]")  # and a known profile
_FIRST_UNIT = re.compile(rb"\x00{2,}\x01(..)", re.DOTALL)
_START = b"\x00\x00\x01"  # of every unit of MPEG streams
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
            raise Unusable(_problem("is a still image, not a video"))
        return _MP4
    if head[:4] == b"RIFF":
        return _riff(head)
    if head.startswith(b"\x89PNG") and b"acTL" in head[:_HEAD_BYTES].split(b"IDAT")[0]:
        return _APNG
    for prefix, container in _PREFIXES:
        if head.startswith(prefix):
            return container
    if problem := _other_kind(head):
        raise Unusable(_problem(problem))
    if found := _elementary(head) or _stream_in(head):
        return found
    printable = all(32 <= byte < 127 or byte in b"\r\n\t" for byte in head[:_BEGINNING])
    raise Unusable(_problem("is not a video but text" if printable else "is not a video of a known kind"))


def _riff(head: bytes) -> Container:
    kind = head[8:12]
    if kind == b"AVI ":
        return _AVI
    raise Unusable(_problem("is a still image, not a video" if kind == b"WEBP" else "is not a video"))


def _other_kind(head: bytes) -> str | None:
    for prefix, what in _STILLS:
        if head.startswith(prefix):
            return f"is {what}, not a video"
    for prefix, what in _OTHERS:
        if head[:_BEGINNING].lstrip(b"\xef\xbb\xbf \r\n\t").startswith(prefix):
            return f"is not a video but {what}"
    return None


def _elementary(head: bytes) -> Container | None:
    """What begins with a start code, told by the unit after it."""
    first = _FIRST_UNIT.match(head)
    if first is None:
        return None
    unit, after = first[1]
    if unit == 0xBA:
        return _MPEG_PS
    if unit == 0xB3:
        return _MPEG_VIDEO
    if unit >> 1 in _HEVC_UNITS and after == 1:
        return _HEVC
    if unit == 0xB0 or unit <= 0x05 or 0x20 <= unit <= 0x25:
        return _MPEG_4
    return _H264 if unit in _H264_UNITS else None


def _stream_in(head: bytes) -> Container | None:
    """A stream that was cut out of a longer one, so that its first unit begins later; or MXF after a preface."""
    if _MXF_PARTITION in head:
        return _MXF
    if _is_transport_stream(head):
        return _MPEG_TS
    if _START + b"\xba" in head:
        return _MPEG_PS
    if _SEQUENCE_HEADER.search(head):
        return _MPEG_VIDEO
    if _H264_PARAMETERS.search(head):
        return _H264
    return _HEVC if _START + b"\x40\x01" in head else None


def _is_transport_stream(head: bytes) -> bool:
    """Whether packets follow each other, from any of the first bytes on."""
    cut = any(head[i : i + 4 * size + 1 : size] == b"\x47" * 5 for size in _PACKET_SIZES for i in range(size))
    return cut or any(head[i : i + 377 : 188] == b"\x47" * 3 for i in (0, 4))  # a very short file


def _problem(reason: str) -> str:
    return f"{reason}. Videos are taken as {KINDS}"
