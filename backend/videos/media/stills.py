"""Write frames of a video of record as pictures. A stranger's file made it, so it is decoded in the cage as well."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# PyAV's stubs leave the type parameters of streams and packets open.

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
from PIL import Image

from backend.videos.media.protocol import Stills, Unusable

Image.preinit()  # loads its encoders now, while everything can still be read

_QUALITY = 95  # of JPEG: no blocks that a network could see
_LEVEL = 4  # of PNG: half the time of the usual one, and a few percent larger


def write_stills(proxy: Path, folder: Path, wanted: Stills, report: Callable[[float, int, float | None], None]) -> None:
    """Write every `stride`-th frame of the proxy into the folder, of its full size.

    Raises:
        Unusable: the proxy has fewer frames than the database says.
    """
    options: dict[str, Any] = {"compress_level": _LEVEL} if wanted.picture == "png" else {"quality": _QUALITY}
    decoded = 0
    with av.open(str(proxy), "r", format="mov") as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 2
        stream.thread_type = "AUTO"
        for index, frame in enumerate(container.decode(stream)):
            if index % wanted.stride == 0:
                frame.to_image().save(folder / wanted.name(index), **options)
            decoded = index + 1
            report(decoded, wanted.num_frames, None)
    if decoded != wanted.num_frames:
        raise Unusable(f"has {decoded} of its {wanted.num_frames} frames: upload it again")
