"""`maskloom export`: ask for a dataset, wait until it is written, and fetch it as a zip or a folder."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from backend.exchange.counts import counted
from backend.exchange.site import THIS_MACHINE, Address, shown, site_at
from backend.terminal import complain

if TYPE_CHECKING:
    from backend.client.maskloom import Maskloom
    from backend.datasets.schemas import ExportCreate, ExportRead
    from backend.exchange.unfinished import Unfinished

_AGAIN = "The same command goes on from here."
_GONE = {"export-not-found", "export-expired"}


def export_dataset(  # noqa: PLR0913 - a parameter is an option of the command
    project: Annotated[str, typer.Argument(help="The project's name or id.")],
    out: Annotated[Path, typer.Option("--out", help="A new .zip, or a new folder to unpack into.")],
    form: Annotated[str, typer.Option("--format", help="The layout; `formats` lists all.")] = "sa_v",
    only_satisfactory: Annotated[
        bool, typer.Option("--only-satisfactory", help="Only masklets that a verifier accepted.")
    ] = False,
    every_frame: Annotated[bool, typer.Option("--every-frame", help="Not only the annotated frames.")] = False,
    video: Annotated[list[str] | None, typer.Option("--video", help="Only this video, by name or id.")] = None,
    split: Annotated[list[str] | None, typer.Option("--split", help="Only videos of this split.")] = None,
    origin: Annotated[str | None, typer.Option("--origin", help="Only `manual` or only `auto` masklets.")] = None,
    classes: Annotated[
        list[str] | None, typer.Option("--class", "--classes", help="Only objects of this class, by name or id.")
    ] = None,
    without_class: Annotated[
        bool, typer.Option("--without-class", help="Only objects without a class, beside those of each --class.")
    ] = False,
    frames: Annotated[str | None, typer.Option("--frames", help="`jpeg`, `png`, `video` or `none`.")] = None,
    overlaps: Annotated[
        str | None,
        typer.Option("--overlaps", help="`later_on_top`, `earlier_on_top`, `smaller_on_top` or `refuse`."),
    ] = None,
    empty_objects: Annotated[
        bool, typer.Option("--empty-objects", help="Also objects that are never visible.")
    ] = False,
    url: Address = THIS_MACHINE,
) -> None:
    """Export a project of a running Maskloom as a dataset.

    Stopped or broken off, the same command goes on where it was. It ends with 1 if Maskloom refuses, and with 3 if it
    cannot be reached.
    """
    from backend.exchange.dataset_folder import manifest_of, require_free
    from backend.exchange.unfinished import Unfinished

    as_folder = out.suffix.lower() != ".zip"
    require_free(out, folder=as_folder)
    with site_at(url, again=_AGAIN) as site:
        found = site.project(project)
        choices: dict[str, Any] = {
            "format": form,
            "only_satisfactory": only_satisfactory,
            "every_frame": every_frame,
            "video_ids": [str(site.video(found.id, each).id) for each in video] if video else None,
            "splits": split or None,
            "origins": [origin] if origin else None,
            "classes": _chosen_classes(site, found.id, classes or [], without_class=without_class),
            "frames": frames,
            "overlaps": overlaps,
            "empty_objects": empty_objects,
        }
        asked = _checked(choices)
        unfinished = Unfinished(out, {"site": site.http.address, "project": str(found.id), **choices})
        export = _written(site, found.id, asked, unfinished)
        with shown("Fetching") as on_progress:
            site.download(export, unfinished.partial, on_progress=on_progress)
    _put_into_place(unfinished, out, as_folder=as_folder)
    for line in _summary(manifest_of(out)):
        complain(line)
    typer.echo(out)


def _chosen_classes(
    site: "Maskloom", project_id: UUID, names: Sequence[str], *, without_class: bool
) -> list[str | None] | None:
    """Ids of the classes, and null for objects without one; None if no choice was made."""
    chosen: list[str | None] = [str(site.object_class(project_id, name).id) for name in names]
    return [*chosen, None] if without_class else chosen or None


def _put_into_place(unfinished: "Unfinished", out: Path, *, as_folder: bool) -> None:
    from backend.exchange.dataset_folder import unpack

    if as_folder:
        with shown("Unpacking") as on_progress:
            unpack(unfinished.partial, out, on_progress=on_progress)
    else:
        unfinished.partial.rename(out)
    unfinished.end()


def list_formats(url: Address = THIS_MACHINE) -> None:
    """List the layouts of `maskloom export`, with what each cannot hold."""
    with site_at(url, again="") as site:
        for form in site.formats():
            typer.echo(f"{form.name:<15}{form.title}\n{'':<15}{form.loses}")


def _checked(choices: dict[str, Any]) -> "ExportCreate":
    from pydantic import ValidationError

    from backend.datasets.schemas import ExportCreate

    try:
        return ExportCreate.model_validate(choices)
    except ValidationError as error:
        fault = error.errors()[0]
        option = str(fault["loc"][0]).replace("_", "-").removesuffix("s")
        raise typer.BadParameter(f"--{option}: {fault['msg']}.") from None


def _written(site: "Maskloom", project_id: Any, asked: "ExportCreate", unfinished: "Unfinished") -> "ExportRead":
    """The finished export: the one that was under way, or a new one where that is gone."""
    from backend.client.connection import SiteProblem

    with shown("Writing") as on_progress:
        try:
            export = site.export(project_id, asked, key=unfinished.key)
            export = site.until_exported(export.id, on_progress=on_progress)
        except SiteProblem as problem:
            if problem.slug not in _GONE:
                unfinished.end()
                raise
            export = None
        if export is None or export.expired:
            export = site.export(project_id, asked, key=unfinished.renew())
            export = site.until_exported(export.id, on_progress=on_progress)
    return export


def _summary(manifest: dict[str, Any]) -> list[str]:
    """What is in a dataset, and what is not."""
    report = manifest["report"]
    objects, videos = counted(report["num_masklets"], "object"), counted(report["num_videos"], "video")
    lines = [f"{objects} of {videos} with {counted(report['num_masks'], 'mask')}."]
    if report["left_out"]:
        counts = (f"{count} {reason.replace('_', ' ')}" for reason, count in report["left_out"].items())
        lines.append(f"Left out: {', '.join(counts)}.")
    lost = report["lost"]
    if lost["num_pixels"]:
        objects = counted(lost["num_objects"], "object")
        lines.append(f"{counted(lost['num_pixels'], 'pixel')} of {objects} lost under others.")
    if lost["lowest_iou"] < 1:
        lines.append(f"Redrawn masks have an IoU of at least {lost['lowest_iou']}.")
    return lines
