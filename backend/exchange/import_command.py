"""`maskloom import`: upload a dataset, show what it would make, ask, and make it."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from backend.exchange.counts import counted
from backend.exchange.site import THIS_MACHINE, Address, shown, site_at
from backend.terminal import complain

if TYPE_CHECKING:
    from backend.imports.schemas import ImportDetails

_AGAIN = "Nothing was imported, unless it says so above; the project's Import dialog lists what is under way."


def import_dataset(  # noqa: PLR0913 - a parameter is an option of the command
    path: Annotated[Path, typer.Argument(exists=True, help="A zip, a folder, or a JSON or XML document.")],
    project: Annotated[str, typer.Option("--project", help="The project's name or id.")],
    layout: Annotated[
        str | None, typer.Option("--layout", help="Stop unless it is read as this layout, such as `davis`.")
    ] = None,
    labels: Annotated[
        str, typer.Option("--labels", help="What labels become: `classes` of the project, or only `names`.")
    ] = "classes",
    take_attributes: Annotated[
        bool, typer.Option("--attributes/--no-attributes", help="Whether values of attributes are taken.")
    ] = True,
    then: Annotated[str, typer.Option("--then", help="Whose turn it is then: `annotate` or `verify`.")] = "annotate",
    yes: Annotated[bool, typer.Option("--yes", help="Import what the preview shows without asking.")] = False,
    url: Address = THIS_MACHINE,
) -> None:
    """Import the masks of a dataset into the videos of a project.

    Shows which video is meant by each of the dataset's, and asks before anything is made. It ends with 1 if Maskloom
    refuses or nobody says yes, and with 3 if it cannot be reached.
    """
    from backend.exchange.dataset_folder import pack

    turn, become = _turn(then), _labels(labels)
    with site_at(url, again=_AGAIN) as site:
        found = site.project(project)
        with tempfile.TemporaryDirectory(prefix="maskloom-import-") as folder:
            file = path
            if path.is_dir():
                with shown("Packing") as on_progress:
                    file = pack(path, Path(folder), on_progress=on_progress)
            with shown("Uploading") as on_progress:
                uploaded = site.upload_import(found.id, file, on_progress=on_progress)
        with shown("Reading"):
            preview = site.until_read(uploaded.id)
        for line in [*_preview(preview), *_ontology(preview, become, take_attributes=take_attributes)]:
            typer.echo(line)
        reason = _reason_against(preview, layout)
        if reason is None and not yes and not _agreed():
            reason = "Nothing was imported."
        if reason is not None:
            site.forget_import(preview.id)
            complain(reason)
            raise typer.Exit(1)
        site.start_import(preview.id, then=turn, labels=become, take_attributes=take_attributes)
        with shown("Importing") as on_progress:
            done = site.until_imported(preview.id, on_progress=on_progress)
        typer.echo(f"{counted(done.num_made, 'object')} made. The project's Import dialog takes them back.")
        if done.num_values_left_out:
            typer.echo(f"{counted(done.num_values_left_out, 'value')} left out.")


def _turn(word: str) -> Literal["annotate", "verify"]:
    if word not in ("annotate", "verify"):
        raise typer.BadParameter("--then is `annotate` or `verify`.")
    return word


def _labels(word: str) -> Literal["classes", "names"]:
    if word not in ("classes", "names"):
        raise typer.BadParameter("--labels is `classes` or `names`.")
    return word


def _preview(found: "ImportDetails") -> list[str]:
    """A line for each of the dataset's videos: what becomes of it."""
    objects, videos = counted(found.num_objects, "object"), counted(found.num_videos, "video")
    lines = [f"{found.title}: {objects} of {videos} with {counted(found.num_masks, 'mask')}."]
    for video in found.videos:
        masks = f"{counted(video.num_objects, 'object')}, {counted(video.num_masks, 'mask')}"
        if video.video_id is None or video.fault is not None:
            lines.append(f"  {video.name}: {masks}: left out, because {video.fault or 'no video here is meant'}")
        else:
            here = f", beside {video.num_objects_here} that are there" if video.num_objects_here else ""
            lines.append(f"  {video.name} -> {video.video_name} (by {video.matched_by}): {masks}{here}")
    return lines


def _ontology(found: "ImportDetails", labels: str, *, take_attributes: bool) -> list[str]:
    """What becomes of the dataset's classes and attributes: a line for each that is new, or that cannot be taken."""
    classes = found.classes if labels == "classes" else []
    attributes = found.attributes if take_attributes else []
    told = [("class", each.name, each.class_id, each.fault) for each in classes]
    told += [("attribute", each.name, each.attribute_id, each.fault) for each in attributes]
    lines: list[str] = []
    for word, name, here, fault in told:
        if fault is not None:
            lines.append(f"  {word} {name}: left out, because {fault}")
        elif here is None:
            lines.append(f"  {word} {name}: will be made")
    for each in attributes:
        if each.new_choices and each.fault is None:
            lines.append(f"  attribute {each.attribute_name}: gets the choices {', '.join(each.new_choices)}")
    return lines


def _reason_against(found: "ImportDetails", layout: str | None) -> str | None:
    """Why nothing is asked."""
    if layout is not None and found.format != layout:
        return f"It is read as {found.format}, not as {layout}. Nothing was imported."
    if all(video.video_id is None or video.fault is not None for video in found.videos):
        return "None of its videos goes with a video of the project. Nothing was imported."
    return None


def _agreed() -> bool:
    if not sys.stdin.isatty():
        complain("Say --yes to import this without being asked.")
        return False
    try:
        return typer.confirm("Import this?")
    except typer.Abort:  # Ctrl+C, or the end of the input
        return False
