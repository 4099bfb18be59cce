"""Small annotated videos in SA-V's layout, drawn."""

import json
from pathlib import Path

from model_server.masks import rle
from tests.clips import HEIGHT, WIDTH, draw_frame, write_clip

NUM_FRAMES, STRIDE = 16, 4


def write_sa_v(folder: Path, names: tuple[str, ...]) -> Path:
    """A ball that crosses, in every video; every fourth frame annotated."""
    for name in names:
        write_clip(folder / f"{name}.mp4", "constant", num_frames=NUM_FRAMES)
        masks = [
            [{"size": [HEIGHT, WIDTH], "counts": rle.encode(draw_frame(index).truth)}]
            for index in range(0, NUM_FRAMES, STRIDE)
        ]
        annotation = {
            "video_id": name,
            "video_duration": NUM_FRAMES / 24,
            "video_frame_count": float(NUM_FRAMES),
            "video_height": float(HEIGHT),
            "video_width": float(WIDTH),
            "masklet": masks,
            "masklet_id": [0],
        }
        (folder / f"{name}_manual.json").write_text(json.dumps(annotation))
    return folder
