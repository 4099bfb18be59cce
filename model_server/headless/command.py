"""`maskloom segment`. Torch is imported only when the command runs, so that listing commands stays fast."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from model_server.headless.player import Player
    from model_server.headless.prompt_file import StoredPrompts
    from model_server.headless.result_folder import ResultFolder
    from model_server.segmenter import FrameSource, VideoSegmenter


class Exit(IntEnum):
    """Exit statuses, for scripts."""

    failed = 1
    wrong_request = 2
    no_video = 3
    no_model = 4
    interrupted = 130


@dataclass(frozen=True, slots=True)
class _Run:
    source: FrameSource
    stored: StoredPrompts
    segmenter: VideoSegmenter
    results: ResultFolder
    reference_behaviour: bool
    num_answers: int


def segment(  # noqa: PLR0913 - a parameter is an option of the command
    video: Annotated[Path, typer.Argument(help="A video file, or a folder of images, one per frame.")],
    prompts: Annotated[Path, typer.Option(help="prompts.json; model_server/headless/README.md describes it.")],
    out: Annotated[Path, typer.Option(help="Folder for masks (OBJECT/FRAME.png) and scores.json.")],
    model: Annotated[str, typer.Option(help="The name of a model, or a weight file.")] = "builtin",
    reference_behaviour: Annotated[
        bool, typer.Option("--reference-behaviour", help="Follow the released predictor's rules, in float32.")
    ] = False,
    logits: Annotated[bool, typer.Option("--logits", help="Also write the network's low-resolution logits.")] = False,
    prompts_only: Annotated[
        bool, typer.Option("--prompts-only", help="Answer the prompts only, without adding a propagation.")
    ] = False,
    skip_damaged: Annotated[
        bool, typer.Option("--skip-damaged", help="Skip frames that do not decode, as the application does.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an earlier run's results in OUT.")] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1.")] = "auto",
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0: half of the cores.")] = 0,
) -> None:
    """Run stored prompts on a video without the application: masks as PNG, scores as JSON.

    The same prompts, model, device and thread count give the same masks.
    """
    import torch

    from model_server.headless.declared_size import DeclaredSize
    from model_server.headless.prompt_file import PromptFileError, read
    from model_server.headless.result_folder import ResultFolder
    from model_server.headless.validation import count_answers
    from model_server.video.reader import UnreadableVideo
    from model_server.video.source import opened

    torch.set_num_threads(threads or max(1, (os.cpu_count() or 2) // 2))
    try:
        stored = read(prompts, prompts_only=prompts_only)
        with opened(video, skip_damaged=skip_damaged) as frames:
            source = DeclaredSize.of(frames, stored.file.video)
            num_answers = count_answers(stored, source, keeps_reference_rules=reference_behaviour)
            segmenter = _model(model, device)
            results = ResultFolder(out, keeps_logits=logits)
            results.prepare(overwrite=overwrite)
            _segment(_Run(source, stored, segmenter, results, reference_behaviour, num_answers))
    except PromptFileError as error:
        _fail(Exit.wrong_request, f"{prompts.name}:\n{error}")
    except FileExistsError as error:
        _fail(Exit.wrong_request, f"{error}; --overwrite replaces what an earlier run left there")
    except (FileNotFoundError, UnreadableVideo) as error:
        _fail(Exit.no_video, str(error))
    except ValueError as error:
        _fail(Exit.failed, str(error))


def _model(name: str, device: str) -> VideoSegmenter:
    from model_server.models.problems import CheckpointError
    from model_server.models.registry import build

    try:
        return build(name, device)
    except (FileNotFoundError, CheckpointError, RuntimeError) as error:
        _fail(Exit.no_model, str(error))


def _segment(run: _Run) -> None:
    from model_server.headless.interruption import interruption
    from model_server.headless.player import Player

    started = time.perf_counter()
    player = Player(run.source, run.segmenter, reference_behaviour=run.reference_behaviour)
    num_done = 0
    try:
        with (
            interruption() as asked,
            typer.progressbar(length=run.num_answers, label="masks", file=sys.stderr) as bar,
        ):
            for result in player.play(run.stored.steps()):
                conditioning = player.is_conditioning(result.object_id, result.frame_index)
                run.results.write(result, conditioning=conditioning)
                num_done += 1
                bar.update(1)
                if asked.is_set():
                    break
    finally:
        run.results.finish(_about(run, player), complete=num_done == run.num_answers)
    if num_done < run.num_answers:
        _fail(Exit.interrupted, f"interrupted; {run.results.folder} holds the masks drawn so far")
    seconds = time.perf_counter() - started
    typer.echo(f"{run.num_answers} masks in {seconds:.1f} s, in {run.results.folder}", err=True)


def _about(run: _Run, player: Player) -> dict[str, Any]:
    info = player.info
    return {
        "model": {
            "name": info.name,
            "version": info.version,
            "config": info.config_name,
            "device": info.device,
            "precision": info.precision,
        },
        "reference_behaviour": run.reference_behaviour,
        "video": {"num_frames": run.source.num_frames, "height": run.source.height, "width": run.source.width},
    }


def _fail(code: Exit, message: str) -> NoReturn:
    typer.echo(f"maskloom segment: {message}", err=True)
    raise typer.Exit(code)
