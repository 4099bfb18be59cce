"""`maskloom evaluate`. Scores are in percent. Torch is imported only when a command runs."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from model_server.segmenter import VideoSegmenter

app = typer.Typer(no_args_is_help=True, help="Measure masks and models: J&F, tracking, interaction, fairness.")

_Clips = Annotated[
    Path, typer.Option("--clips", help="A clip with ground truth (video.mp4 and masks/), or a folder of them.")
]
_Model = Annotated[str, typer.Option("--model", help="The name of a model, or a weight file.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_Out = Annotated[Path | None, typer.Option("--out", help="A folder for report.json, report.md and curves.svg.")]
_Skip = Annotated[list[str] | None, typer.Option("--skip", metavar="CLIP/OBJECT", help="An object to leave out.")]
_Threads = Annotated[int, typer.Option("--threads", min=0, help="CPU threads; 0: half of the cores.")]
_Device = Annotated[str, typer.Option("--device", help="auto, cpu, cuda, cuda:1.")]


@app.command()
def masks(
    gt: Annotated[Path, typer.Option("--gt", help="Ground truth: VIDEO/OBJECT/FRAME.png or VIDEO/FRAME.png.")],
    pred: Annotated[Path, typer.Option("--pred", help="Predictions, in the same layout.")],
    all_frames: Annotated[bool, typer.Option("--all-frames", help="Score the first and last frames too.")] = False,
    as_json: _Json = False,
) -> None:
    """Score masks as the official evaluation of SA-V and DAVIS does.

    In VIDEO/FRAME.png the value is the object; 255 beside other objects is void, and void pixels are ignored.
    """
    from model_server.evaluation.j_and_f import mean_scores
    from model_server.measurement.mask_folders import MaskFolderError, score_folders
    from model_server.measurement.terminal_tables import print_table, scores_json

    with _explained():
        named = list(score_folders(gt, pred, skip_ends=not all_frames))
        if not named:
            raise MaskFolderError(f"{gt} shows no object on a frame that is scored")
    j, f, j_and_f = mean_scores(each.score for each in named)
    if as_json:
        per_object = {each.name: scores_json(each.score.j, each.score.f) for each in named}
        typer.echo(json.dumps({"mean": scores_json(j, f), "objects": per_object}, indent=2))
        return
    rows = [(each.name, each.score.j_and_f, each.score.j, each.score.f) for each in named]
    print_table(("OBJECT", "J&F", "J", "F"), [*rows, ("mean", j_and_f, j, f)])


@app.command()
def vos(  # noqa: PLR0913 - a parameter is an option of the command
    clips: _Clips,
    prompt: Annotated[str, typer.Option(help="On the first visible frame: mask, box, or clicks:N.")] = "mask",
    model: _Model = "builtin",
    baselines: Annotated[
        bool, typer.Option("--baselines", help="Also propagate the same first mask without the model.")
    ] = False,
    skip: _Skip = None,
    out: _Out = None,
    as_json: _Json = False,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Prompt every object where it first appears, track it to the end, and score J&F."""
    from model_server.evaluation.vos import num_clicks
    from model_server.measurement.clips import find_clips
    from model_server.measurement.terminal_tables import print_vos
    from model_server.measurement.vos_report import SkippedObject, VosMeasurement, VosScore, measure_clip
    from model_server.measurement.vos_report import as_json as report

    with _explained():
        if prompt not in ("mask", "box"):
            num_clicks(prompt)
        measuring = VosMeasurement(_load(model, device, threads), Path(model).stem, prompt, baselines)
        rows, skipped = list[VosScore](), list[SkippedObject]()
        for clip in find_clips(clips):
            for outcome in measure_clip(clip, measuring, skip or ()):
                rows.append(outcome) if isinstance(outcome, VosScore) else skipped.append(outcome)
                if isinstance(outcome, VosScore):
                    _tell(f"{outcome.clip}/{outcome.object_id} {outcome.method}: {100 * outcome.score.j_and_f:.1f}")
        if not rows:
            raise ValueError(f"no object in {clips} can be scored")
    about = {"kind": "vos", "prompt": prompt, "model": model, "version": measuring.model.info.version}
    _hand_over(report(rows, skipped) | about, out, as_json)
    if not as_json:
        print_vos(rows, skipped)


@app.command()
def images(  # noqa: PLR0913 - a parameter is an option of the command
    clips: _Clips,
    clicks: Annotated[list[int] | None, typer.Option("--clicks", help="Number of clicks; repeat for several.")] = None,
    model: _Model = "builtin",
    every: Annotated[int, typer.Option(min=1, help="Use every Nth annotated frame that shows the object.")] = 8,
    out: _Out = None,
    as_json: _Json = False,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Click every object on single frames: mean IoU after 1 and 5 clicks."""
    import numpy as np

    from model_server.evaluation.image_miou import clicked_frames
    from model_server.measurement.clips import find_clips, open_clip
    from model_server.measurement.terminal_tables import print_table

    with _explained():
        segmenter = _load(model, device, threads)
        found = list(find_clips(clips))
        table: dict[str, dict[str, float]] = {}
        for clip in found:
            with open_clip(clip) as source:
                for object_id, truths in clip.truths.items():
                    if any(mask.any() for mask in truths.values()):
                        ious = table.setdefault(f"{clip.name}/{object_id}", {})
                        for number in clicks or [1, 5]:
                            listed = clicked_frames(
                                segmenter, source, truths, f"clicks:{number}", every=every, void=clip.void
                            )
                            ious[f"{number}"] = float(np.mean([frame.true for frame in listed]))
        if not table:
            raise ValueError(f"no object in {clips} is ever visible")
    mean = {number: float(np.mean([row[number] for row in table.values()])) for number in next(iter(table.values()))}
    about = {"kind": "images", "model": model, "version": segmenter.info.version, "every": every}
    _hand_over({"mean": mean, "objects": table} | about, out, as_json)
    if not as_json:
        rows = [(name, *row.values()) for name, row in table.items()]
        print_table(("OBJECT", *(f"{number} CLICKS" for number in mean)), [*rows, ("mean", *mean.values())])


@app.command()
def card(
    clips: _Clips,
    model: _Model = "builtin",
    as_json: _Json = False,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Measure what a model card says: J&F by prompt, IoU of frames, clicked or corrected, and how well it is judged."""
    from model_server.measurement.card_rows import COLUMNS, CardObject, card_objects, mean_row, rank_correlations
    from model_server.measurement.clips import find_clips
    from model_server.measurement.terminal_tables import print_table

    with _explained():
        segmenter = _load(model, device, threads)
        objects = list[CardObject]()
        for clip in find_clips(clips):
            for each in card_objects(clip, segmenter):
                objects.append(each)
                _tell(f"{each.name}: " + ", ".join(f"{key} {100 * value:.1f}" for key, value in each.values.items()))
        if not objects:
            raise ValueError(f"no object in {clips} can be scored")
    mean, rows, ranks = mean_row(objects), {each.name: each.values for each in objects}, rank_correlations(objects)
    about = {"kind": "card", "model": model, "version": segmenter.info.version}
    if as_json:
        table = {"mean": mean, "objects": rows, "rank_correlation": ranks}
        typer.echo(json.dumps(table | about, indent=2))
    else:
        lines = [(name, *(row.get(column, "–") for column in COLUMNS)) for name, row in (rows | {"mean": mean}).items()]
        print_table(("OBJECT", *COLUMNS), lines)
        words = ", ".join(f"{kind} frames {value:.2f}" for kind, value in ranks.items())
        typer.echo(f"Rank correlation of predicted and true IoU: {words}")


@app.command()
def limits(  # noqa: PLR0913 - a parameter is an option of the command
    only: Annotated[list[str] | None, typer.Option("--limit", metavar="NAME", help="A limit; repeat for more.")] = None,
    count: Annotated[int, typer.Option(min=1, help="Clips of each limit.")] = 4,
    seed: Annotated[int, typer.Option(min=0, help="Other seeds draw other clips; cards have those of seed 0.")] = 0,
    write: Annotated[Path | None, typer.Option("--write", help="A folder for the clips, to look at them.")] = None,
    model: _Model = "builtin",
    as_json: _Json = False,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Measure what trackers find hard, on clips drawn for it: hiding, leaving, look-alikes, cuts, thin, fast, small.

    The table is in Markdown: J&F over the clip, from the first mask and from one click, and after the event alone.
    """
    from dataclasses import asdict

    from model_server.measurement.limit_rows import LimitObject, limit_objects, markdown, mean_values, write_clip
    from model_server.measurement.limits.scenes import LIMITS, drawn_clip

    with _explained():
        chosen = [limit for limit in LIMITS if not only or limit.name in only]
        if unknown := set(only or ()) - {limit.name for limit in LIMITS}:
            known = ", ".join(limit.name for limit in LIMITS)
            raise ValueError(f"no limit is called {', '.join(sorted(unknown))}; there are {known}")
        segmenter = _load(model, device, threads)
        objects = list[LimitObject]()
        for limit, number in ((limit, number) for limit in chosen for number in range(count)):
            clip = drawn_clip(limit, number, seed)
            if write is not None:
                write_clip(clip, write / clip.name)
            for each in limit_objects(limit.name, clip, segmenter):
                objects.append(each)
                told = ", ".join(f"{column} {100 * value:.1f}" for column, value in each.values.items())
                _tell(f"{each.clip}/{each.object_id}: {told}")
    about = {"kind": "limits", "model": model, "version": segmenter.info.version, "seed": seed}
    if as_json:
        typer.echo(json.dumps({"mean": mean_values(objects), "objects": [asdict(each) for each in objects]} | about))
    else:
        typer.echo(markdown(objects))


@app.command()
def interactive(  # noqa: PLR0913 - a parameter is an option of the command
    clips: _Clips,
    protocol: Annotated[Literal["offline", "online"], typer.Option(help="Worst frame first, or one pass.")] = "offline",
    phase: Annotated[list[str] | None, typer.Option("--phase", help="sam_per_frame, sam_plus_sam2_mask, sam2.")] = None,
    frames: Annotated[int, typer.Option(min=1, help="Maximum number of corrected frames.")] = 8,
    model: _Model = "builtin",
    out: _Out = None,
    as_json: _Json = False,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Let simulated annotators correct videos with 3 clicks per frame: J&F against effort, for each phase."""
    from model_server.evaluation.assistance import ASSISTANCE
    from model_server.measurement.clips import find_clips
    from model_server.measurement.interaction_report import AnnotationCourse, play_clip
    from model_server.measurement.interaction_report import as_json as report
    from model_server.measurement.terminal_tables import print_interactive

    with _explained():
        phases = phase or list(ASSISTANCE)
        if unknown := set(phases) - set(ASSISTANCE):
            raise ValueError(f"no phase is called {', '.join(sorted(unknown))}; there are {', '.join(ASSISTANCE)}")
        segmenter = _load(model, device, threads)
        courses = list[AnnotationCourse]()
        for clip in find_clips(clips):
            for course in play_clip(clip, segmenter, protocol, phases, frames):
                courses.append(course)
                curve = " ".join(f"{100 * effort.j_and_f:.1f}" for effort in course.efforts)
                _tell(f"{course.clip}/{course.object_id} {course.phase}: {curve}")
    about = {"kind": "interactive", "protocol": protocol, "frames": frames, "model": model}
    _hand_over(about | {"version": segmenter.info.version} | report(courses, frames), out, as_json)
    if not as_json:
        print_interactive(courses, frames)


@app.command()
def fairness(  # noqa: PLR0913 - a parameter is an option of the command
    clips: _Clips,
    attributes: Annotated[Path, typer.Option(help="CSV with the columns clip, object and one for each attribute.")],
    prompt: Annotated[
        list[str] | None, typer.Option("--prompt", help="mask, box, clicks:N; may be given again.")
    ] = None,
    model: _Model = "builtin",
    out: _Out = None,
    as_json: _Json = False,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Compare J&F between groups of people or things, with bootstrap intervals."""
    from dataclasses import asdict

    from model_server.evaluation.fairness import GroupComparison, ScoredObject, compare
    from model_server.measurement.clips import find_clips
    from model_server.measurement.terminal_tables import print_fairness
    from model_server.measurement.vos_report import VosMeasurement, VosScore, measure_clip

    comparisons: dict[str, list[GroupComparison]] = {}
    with _explained():
        known = _attributes(attributes)
        names = list(dict.fromkeys(name for row in known.values() for name in row))
        segmenter = _load(model, device, threads)
        for prompting in prompt or ["clicks:1", "clicks:3", "mask"]:
            measuring = VosMeasurement(segmenter, model, prompting, with_baselines=False)
            scored = [
                ScoredObject(row.clip, row.object_id, row.score.j_and_f, known.get((row.clip, row.object_id), {}))
                for clip in find_clips(clips)
                for row in measure_clip(clip, measuring)
                if isinstance(row, VosScore)
            ]
            comparisons[prompting] = [compare(scored, name) for name in names]
    listed = {key: [asdict(each) for each in compared] for key, compared in comparisons.items()}
    about = {"kind": "fairness", "model": model, "version": segmenter.info.version}
    _hand_over(about | {"prompts": listed}, out, as_json)
    if not as_json:
        print_fairness(comparisons)


@app.command()
def sheet(  # noqa: PLR0913 - a parameter is an option of the command
    clips: Annotated[Path, typer.Option("--clips", help="A folder of videos, or of folders of pictures.")],
    places: Annotated[Path, typer.Option("--places", help="JSON: a list of {clip, x, y, thing}, and frame if not 0.")],
    out: Annotated[Path, typer.Option("--out", help="The PNG to write.")],
    model: _Model = "builtin",
    width: Annotated[int, typer.Option(min=120, max=4000, help="Pixels of a picture on the sheet.")] = 400,
    device: _Device = "auto",
    threads: _Threads = 0,
) -> None:
    """Draw what single clicks are taken to mean, six in a row with the other candidates, for a person to judge."""
    from model_server.measurement.click_sheet import ClickedPlace, answers, draw_sheet, read_places

    with _explained():
        clicked = read_places(places)
        answered = list[ClickedPlace]()
        for answer in answers(clicked, clips, _load(model, device, threads)):
            answered.append(answer)
            _tell(f"{answer.place.clip}, {answer.place.thing}: predicted IoU {answer.chosen.predicted_iou:.2f}")
        draw_sheet(answered, width).save(out, "PNG")
    typer.echo(str(out))


@app.command()
def report(
    measured: Annotated[list[Path], typer.Argument(help="report.json of the same measurement on other clips.")],
    out: Annotated[Path, typer.Option("--out", help="A folder for report.json, report.md and curves.svg.")],
) -> None:
    """Join reports, or render one again."""
    from model_server.measurement.report_folder import join_reports, read_report, write_report

    with _explained():
        write_report(join_reports([read_report(path) for path in measured]), out)
    typer.echo(f"{out}/report.md")


def _hand_over(measured: Mapping[str, object], out: Path | None, as_json: bool) -> None:
    """Write the report to the folder, if one was given, and as JSON to standard output, if asked for."""
    from model_server.measurement.report_folder import write_report

    if out is not None:
        write_report(measured, out)
        _tell(f"written to {out}")
    if as_json:
        typer.echo(json.dumps(measured, indent=2))


def _attributes(path: Path) -> dict[tuple[str, str], dict[str, str]]:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"clip", "object"} <= set(rows[0]):
        raise ValueError(f"{path} needs the columns clip and object, and a row for each object")
    return {
        (row["clip"], row["object"]): {key: value for key, value in row.items() if key not in ("clip", "object")}
        for row in rows
    }


def _load(model: str, device: str, threads: int) -> VideoSegmenter:
    import torch

    from model_server.models.registry import build

    torch.set_num_threads(threads or max(1, (os.cpu_count() or 2) // 2))
    return build(model, device)


def _tell(line: str) -> None:
    """Report progress on standard error, apart from the result."""
    typer.echo(line, err=True)


@contextmanager
def _explained() -> Generator[None]:
    """Errors that the caller can resolve end the command with their message."""
    from model_server.measurement.clips import NoClips
    from model_server.measurement.mask_folders import MaskFolderError
    from model_server.models.problems import CheckpointError
    from model_server.video.reader import UnreadableVideo

    try:
        yield
    except (MaskFolderError, NoClips, CheckpointError, UnreadableVideo, FileNotFoundError, ValueError) as error:
        typer.echo(f"maskloom evaluate: {error}", err=True)
        raise typer.Exit(1) from error
