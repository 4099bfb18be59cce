"""`make bench-model`: our session beside Hugging Face transformers' Sam2Video, on the same weights, frames and clicks.

Both answer every frame in one process, in turn, so that a machine that slows down slows both: the ratio is the median
over frames. Both start from frames that are the network's input already and end with masks of the video's size. Peak
memory is each side's own process. Exits with 1 when masks differ, or transformers is faster.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np
import torch
from torch import Tensor

from model_server.headless.behaviour import as_reference
from model_server.models.architecture import LoadOptions
from model_server.models.sam2.build import Sam2Segmenter, segmenter
from model_server.models.sam2.checkpoints.checkpoint import Checkpoint
from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.frame_features import as_input
from model_server.models.sam2.network.sam2 import Sam2
from model_server.segmenter import Click, FramePrompt, FrameResult
from tests.bench import machine
from tests.bench.noise_clip import NoiseClip
from tests.bench.transformers_peer import TransformersPeer
from tests.model_server.recipe_weights import recipe_network

MODEL = "sam2.1_hiera_tiny"
VISIBLE = {"sam_mask_decoder.pred_obj_score_head.layers.2.bias": 4.0}
BANK_IS_FULL = 8  # frames; from here on every frame costs the same
MAX_LOGIT_DIFFERENCE_AT_FIRST = 1e-3
MAX_SHARE_OF_PIXELS = 1e-3
"""Rounding adds up from frame to frame in a network that was never trained, and moves outlines by single pixels."""


@dataclass(frozen=True)
class Case:
    input_size: int
    num_objects: int
    num_frames: int


ON_CPU = (
    *(Case(256, count, 24) for count in (1, 3, 8)),
    *(Case(512, count, 14) for count in (1, 3, 8)),
    Case(1024, 1, 4),
)
ON_GPU = tuple(Case(1024, count, 48) for count in (1, 3, 8))


class Ours:
    """Our session under the released predictor's rules."""

    def __init__(self, network: Sam2, clip: NoiseClip, device: torch.device, dtype: torch.dtype) -> None:
        loaded = as_reference(segmenter(Checkpoint(network, "", {}, "recipe"), LoadOptions(device)))
        assert isinstance(loaded, Sam2Segmenter)
        autocast = None if dtype == torch.float32 else dtype
        self._session = replace(loaded, options=replace(loaded.options, autocast=autocast)).open(clip)
        self._object_ids: list[str] = []

    def prompt(self, clicks: Sequence[Click]) -> list[FrameResult]:
        self._object_ids = [str(index) for index in range(len(clicks))]
        asked = zip(self._object_ids, clicks, strict=True)
        return [self._session.prompt(name, 0, FramePrompt((click,))) for name, click in asked]

    def track(self, frame_index: int) -> list[FrameResult]:
        return self._session.track_together(self._object_ids, frame_index, "forward")


@dataclass
class Comparison:
    """One case, measured."""

    case: Case
    precision: str
    ours_seconds: float
    theirs_seconds: float
    ratio: float
    first_logit_difference: float
    share_of_pixels: float
    operations: int

    @property
    def agrees(self) -> bool:
        exact = self.first_logit_difference <= MAX_LOGIT_DIFFERENCE_AT_FIRST
        return self.precision != "float32" or (exact and self.share_of_pixels <= MAX_SHARE_OF_PIXELS)


def compare(case: Case, device: torch.device, dtype: torch.dtype) -> Comparison:
    """Play the case on both sides, frame by frame in turn."""
    network, clip = prepared(case)
    theirs = transformers_peer(network, clip, case, device)
    ours = Ours(network, clip, device, dtype)
    clicks = clip.clicks(case.num_objects)
    times: list[tuple[float, float]] = []
    shares: list[float] = []
    with torch.inference_mode(), torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        answers = ours.prompt(clicks)
        logits, masks = theirs.prompt(clicks)
        first = max(_difference(answer, logits[i]) for i, answer in enumerate(answers))
        for frame in range(1, case.num_frames):
            began = machine.now(device)
            answers = ours.track(frame)
            between = machine.now(device)
            _, masks = theirs.track(frame)
            times.append((between - began, machine.now(device) - between))
            shares += [float((answer.mask != masks[i].numpy()).mean()) for i, answer in enumerate(answers)]
        operations = machine.operations(lambda: ours.track(case.num_frames - 1))
    steady = times[min(BANK_IS_FULL, len(times) // 2) :]
    return Comparison(
        case=case,
        precision=str(dtype).removeprefix("torch."),
        ours_seconds=median(ours_time for ours_time, _ in steady),
        theirs_seconds=median(theirs_time for _, theirs_time in steady),
        ratio=median(theirs_time / ours_time for ours_time, theirs_time in steady),
        first_logit_difference=first,
        share_of_pixels=max(shares),
        operations=operations,
    )


def prepared(case: Case) -> tuple[Sam2, NoiseClip]:
    """The network and its frames."""
    network = recipe_network(replace(PRESETS[MODEL], image_size=case.input_size), VISIBLE)
    return network, NoiseClip(case.input_size, case.num_frames)


def transformers_peer(network: Sam2, clip: NoiseClip, case: Case, device: torch.device) -> TransformersPeer:
    """It takes all frames at once, as input; ours reads them one by one."""
    inputs = torch.cat([as_input(clip.rgb(index), case.input_size) for index in range(case.num_frames)])
    return TransformersPeer(network, inputs.to(device), (clip.height, clip.width))


def alone(side: str, case: Case) -> None:
    """One side by itself; prints the peak of its memory in bytes."""
    network, clip = prepared(case)
    device = torch.device("cpu")
    with torch.inference_mode():
        if side == "ours":
            session: Ours | TransformersPeer = Ours(network, clip, device, torch.float32)
        else:
            session = transformers_peer(network, clip, case, device)
            del network
        session.prompt(clip.clicks(case.num_objects))
        for frame in range(1, case.num_frames):
            session.track(frame)
    print(machine.peak_rss_bytes())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--alone", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    parser.add_argument("--case", type=int, nargs=3, metavar=("SIZE", "OBJECTS", "FRAMES"), help="only this one")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    device = torch.device(arguments.device)
    if arguments.alone:
        alone(arguments.alone, Case(*arguments.case))
        return 0
    cases = (Case(*arguments.case),) if arguments.case else ON_GPU if device.type == "cuda" else ON_CPU
    dtypes = (torch.float32, torch.bfloat16) if device.type == "cuda" else (torch.float32,)
    print(f"{MODEL}, recipe weights. {machine.describe(device, ('torch', 'transformers'))}\n")
    comparisons = _measured(cases, device, dtypes)
    _print_bytes(device)
    if device.type == "cpu" and not arguments.case:
        _print_memory(Case(256, 3, 64), arguments.threads)
    slower = [comparison for comparison in comparisons if comparison.ratio < 1]
    different = [comparison for comparison in comparisons if not comparison.agrees]
    for comparison in slower + different:
        print(f"NOT HELD: {comparison}", file=sys.stderr)
    return 1 if slower or different else 0


def _measured(cases: Sequence[Case], device: torch.device, dtypes: Sequence[torch.dtype]) -> list[Comparison]:
    print("| input | objects | precision | ours, frames/s | transformers | ratio | masks differ on | bound | of it |")
    print("|---|---|---|---|---|---|---|---|---|")
    comparisons = []
    for dtype in dtypes:
        peak = machine.peak_operations_per_second(device, dtype)
        for case in cases:
            measured = compare(case, device, dtype)
            comparisons.append(measured)
            bound = measured.operations / peak
            print(
                f"| {case.input_size} | {case.num_objects} | {measured.precision} | {1 / measured.ours_seconds:.2f} "
                f"| {1 / measured.theirs_seconds:.2f} | **{measured.ratio:.2f}** | {measured.share_of_pixels:.4%} "
                f"| {measured.operations / 1e9:.1f} Gop, {1 / bound:.2f}/s | {bound / measured.ours_seconds:.0%} |",
                flush=True,
            )
    return comparisons


def _print_bytes(device: torch.device) -> None:
    """Whether reading the weights could be what stops us."""
    num_bytes = sum(4 * parameter.numel() for parameter in Sam2(PRESETS[MODEL]).parameters())
    peak = machine.peak_bytes_per_second(device)
    print(
        f"\nThe weights are {num_bytes / 2**20:.0f} MiB: reading them once takes {1e3 * num_bytes / peak:.1f} ms "
        f"at {peak / 1e9:.0f} GB/s."
    )


def _print_memory(case: Case, threads: int) -> None:
    peaks = []
    for side in ("ours", "theirs"):
        numbers = [str(case.input_size), str(case.num_objects), str(case.num_frames)]
        command = [sys.executable, "-m", __spec__.name, "--device", "cpu", "--threads", str(threads)]
        child = subprocess.run(
            [*command, "--alone", side, "--case", *numbers], check=True, capture_output=True, text=True
        )
        peaks.append(int(child.stdout.split()[-1]) / 2**20)
    print(
        f"\nPeak memory of a process, {case.input_size} px, {case.num_objects} objects, {case.num_frames} frames: "
        f"ours {peaks[0]:.0f} MiB, transformers {peaks[1]:.0f} MiB."
    )


def _difference(answer: FrameResult, logits: Tensor) -> float:
    return float(np.abs(answer.low_res_logits - logits.cpu().numpy()).max())


if __name__ == "__main__":
    sys.exit(main())
