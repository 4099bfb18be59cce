"""`python -m model_server.evaluation CLIP...` measures a model on clip folders with ground truth.

Prints one line per object and the means; `--json` writes the means where `model_server.training export` finds them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from model_server.evaluation.clip_folder import ClipFolder, read_clip
from model_server.evaluation.image_miou import frame_ious
from model_server.evaluation.j_and_f import mean_scores
from model_server.evaluation.vos import TrackingRun, evaluate_object
from model_server.models.registry import build
from model_server.segmenter import VideoSegmenter
from model_server.video.reader import FrameReader

PROMPTINGS = ("copy", "mask", "click1", "click3")


def main() -> None:
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m model_server.evaluation", description=__doc__)
    parser.add_argument("clips", type=Path, nargs="+", help="clip folders")
    parser.add_argument("--model", default="builtin", help="a name or a weights file")
    parser.add_argument("--prompting", choices=PROMPTINGS, nargs="+", default=list(PROMPTINGS))
    parser.add_argument("--skip", nargs="*", default=[], metavar="CLIP/OBJECT", help="objects to leave out")
    parser.add_argument("--every", type=int, default=8, help="images: prompt every Nth annotated frame")
    parser.add_argument("--images-only", action="store_true", help="no tracking")
    parser.add_argument("--json", type=Path, help="file for the means")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model = build(arguments.model, "cpu")
    clips = [read_clip(folder) for folder in arguments.clips]
    metrics: dict[str, float] = {}
    for prompting in arguments.prompting:
        if prompting in ("click1", "click3"):
            metrics[f"image_miou_{prompting}"] = _measure_images(model, clips, prompting, arguments)
        if not arguments.images_only:
            metrics |= _measure_tracking(model, clips, prompting, arguments)
    for name, value in metrics.items():
        print(f"{name:24} {value:.3f}")
    if arguments.json:
        arguments.json.write_text(json.dumps(metrics, indent=2))


def _measure_images(
    model: VideoSegmenter, clips: list[ClipFolder], prompting: str, arguments: argparse.Namespace
) -> float:
    means = []
    for clip, object_id in _objects(clips, arguments.skip):
        source = FrameReader(clip.video)
        ious = frame_ious(model, source, clip.truths[object_id], prompting, every=arguments.every)
        source.close()
        means.append(float(np.mean(ious)))
        print(f"image {prompting} {clip.name}/{object_id} mIoU {means[-1]:.3f} over {len(ious)} frames", flush=True)
    return float(np.mean(means))


def _measure_tracking(
    model: VideoSegmenter, clips: list[ClipFolder], prompting: str, arguments: argparse.Namespace
) -> dict[str, float]:
    runs: list[TrackingRun] = []
    for clip, object_id in _objects(clips, arguments.skip):
        source = FrameReader(clip.video)
        run = evaluate_object(model, source, object_id, clip.truths[object_id], prompting)
        source.close()
        runs.append(run)
        print(
            f"video {prompting} {clip.name}/{object_id} J {run.score.j:.3f} F {run.score.f:.3f} "
            f"first IoU {run.first_iou:.3f}, {run.seconds_per_frame * 1000:.0f} ms/frame",
            flush=True,
        )
    j, f, j_and_f = mean_scores(run.score for run in runs)
    return {f"video_{prompting}_j": j, f"video_{prompting}_f": f, f"video_{prompting}_j_and_f": j_and_f}


def _objects(clips: list[ClipFolder], skip: list[str]) -> list[tuple[ClipFolder, str]]:
    return [(clip, name) for clip in clips for name in clip.truths if f"{clip.name}/{name}" not in skip]


if __name__ == "__main__":
    main()
