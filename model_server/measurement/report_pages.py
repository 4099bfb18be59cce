"""Each kind of report as Markdown and as charts. A page reads the report's JSON; scores are in percent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from model_server.evaluation.interaction import ENOUGH, median_seconds
from model_server.line_chart import Chart, Line

Report = Mapping[str, Any]
_TENTHS = 10


@dataclass(frozen=True, slots=True)
class Page:
    """How one kind is shown and joined; `same` names what must be equal in reports that are joined."""

    markdown: Callable[[Report], str]
    charts: Callable[[Report], list[Chart]]
    joined: Callable[[Sequence[Report]], Report]
    same: tuple[str, ...] = ("model", "version")


def table(headings: Sequence[str], rows: Sequence[Sequence[str | float]]) -> str:
    """A Markdown table; numbers with one decimal."""
    cells = [[cell if isinstance(cell, str) else f"{cell:.1f}" for cell in row] for row in rows]
    lines = [headings, ["---", *("---:" for _ in headings[1:])], *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _heading(report: Report, what: str) -> str:
    version = f" ({report['version']})" if report.get("version") else ""
    return f"# {what}\n\nModel: {report['model']}{version}.\n\n"


# --- tracking ------------------------------------------------------------------------------------


def _objects(report: Report) -> list[tuple[str, str, Mapping[str, Any]]]:
    """(clip/object, method, scores) of all."""
    return [
        (f"{clip}/{name}", method, scores)
        for clip, methods in report["clips"].items()
        for method, listed in methods.items()
        for name, scores in listed["objects"].items()
    ]


def _tracking(report: Report) -> str:
    methods = list(report["mean"])
    scores = {(name, method): each["JF"] for name, method, each in _objects(report)}
    names = list(dict.fromkeys(name for name, _, _ in _objects(report)))
    rows: list[list[str | float]] = [[name, *(scores[name, method] for method in methods)] for name in names]
    mean = report["mean"]
    rows.append(["**mean**", *(mean[method]["JF"] for method in methods)])
    text = _heading(report, f"Tracking from the first visible frame, prompt: {report['prompt']}")
    text += "J&F in percent, as the official evaluation counts.\n\n" + table(["object", *methods], rows)
    text += "\n" + table(["", "J", "F", "J&F"], [[m, mean[m]["J"], mean[m]["F"], mean[m]["JF"]] for m in methods])
    for method in methods:
        if seconds := mean[method].get("seconds_per_frame"):
            text += f"\n{method}: {seconds:.3f} s a tracked frame and object.\n"
    if all(mean[method].get("decline") for method in methods):
        quarters = ["first quarter", "second", "third", "last"]
        text += "\nJ&F over time:\n\n" + table(["", *quarters], [[m, *mean[m]["decline"]] for m in methods])
    text += "".join(f"\nLeft out: {name}, {why}.\n" for name, why in report.get("skipped", {}).items())
    return text


def _tracking_charts(report: Report) -> list[Chart]:
    lines: dict[str, list[list[float]]] = {}
    for _, method, scores in _objects(report):
        if len(scores["by_frame"]) >= _TENTHS:
            lines.setdefault(method, []).append(_in_tenths(scores["by_frame"]))
    middles = [100 * (index + 0.5) / _TENTHS for index in range(_TENTHS)]
    drawn = [
        Line(method, list(zip(middles, np.mean(curves, axis=0).tolist(), strict=True)), quiet=place > 0)
        for place, (method, curves) in enumerate(lines.items())
    ]
    title = f"J&F over time, prompt: {report['prompt']}"
    return [Chart(title, "percent of the clip", drawn, low=0, high=100)] if drawn else []


def _in_tenths(values: Sequence[float]) -> list[float]:
    return [float(part.mean()) for part in np.array_split(np.array(values), _TENTHS)]


def _joined_tracking(reports: Sequence[Report]) -> Report:
    clips: dict[str, Any] = {}
    for report in reports:
        if repeated := clips.keys() & report["clips"].keys():
            raise ValueError(f"{', '.join(sorted(repeated))} was measured twice")
        clips |= report["clips"]
    skipped = {name: why for report in reports for name, why in report.get("skipped", {}).items()}
    joined: dict[str, Any] = {**reports[0], "clips": clips, "skipped": skipped}
    mean: dict[str, Any] = {}
    for method in reports[0]["mean"]:
        scores = [each for _, name, each in _objects(joined) if name == method]
        mean[method] = {key: round(float(np.mean([each[key] for each in scores])), 4) for key in ("J", "F", "JF")}
        long: list[list[float]] = [each["decline"] for each in scores if len(each["decline"]) == 4]
        taken = [each["seconds_per_frame"] for each in scores if "seconds_per_frame" in each]
        if taken:
            mean[method]["seconds_per_frame"] = round(float(np.mean(taken)), 4)
        mean[method]["decline"] = np.mean(np.array(long), axis=0).round(4).tolist() if long else []
    return {**joined, "mean": mean}


# --- single images -------------------------------------------------------------------------------


def _images(report: Report) -> str:
    counts = list(report["mean"])
    rows: list[list[str | float]] = [
        [name, *(100 * ious[count] for count in counts)] for name, ious in report["objects"].items()
    ]
    rows.append(["**mean**", *(100 * report["mean"][count] for count in counts)])
    text = _heading(report, "Single images by number of clicks")
    text += f"Mean IoU in percent over every {report['every']}th annotated frame that shows the object, each clicked"
    headings = [f"{count} click{'s' * (count != '1')}" for count in counts]
    return text + " afresh.\n\n" + table(["object", *headings], rows)


def _image_charts(report: Report) -> list[Chart]:
    points = [(float(count), 100 * iou) for count, iou in report["mean"].items()]
    return [Chart("IoU of single images", "clicks", [Line("mean", points)], low=0, high=100)] if len(points) > 1 else []


def _joined_images(reports: Sequence[Report]) -> Report:
    objects = {name: ious for report in reports for name, ious in report["objects"].items()}
    counts = list(reports[0]["mean"])
    mean = {count: float(np.mean([ious[count] for ious in objects.values()])) for count in counts}
    return {**reports[0], "objects": objects, "mean": mean}


# --- interaction ---------------------------------------------------------------------------------


def _interaction(report: Report) -> str:
    frames = list(range(1, report["frames"] + 1))
    rows: list[list[str | float]] = [
        [phase, *mean["curve"], mean["average"], f"{mean['clicks']:.1f}", f"{mean['seconds']:.0f} s"]
        for phase, mean in report["mean"].items()
    ]
    text = _heading(report, f"Simulated annotators, {report['protocol']}")
    text += "J&F in percent after so many corrected frames, three clicks each; time by the paper's model.\n\n"
    text += table(["phase", *map(str, frames), "mean", "clicks", "time"], rows)
    count = len({(each["clip"], each["object"]) for each in report["objects"]})
    text += f"\nMeans over {count} objects; one that needed fewer corrections stays where it ended.\n\n"
    return text + "Seconds until an object's J&F is 80:\n\n" + _until_enough(report)


def _until_enough(report: Report) -> str:
    phases = list(report["mean"])
    seconds = {(_name(each), each["phase"]): _seconds(each) for each in report["objects"]}
    names = list(dict.fromkeys(name for name, _ in seconds))
    rows = [[name, *(seconds_or_never(seconds[name, phase]) for phase in phases)] for name in names]
    medians = (median_seconds([seconds[name, phase] for name in names]) for phase in phases)
    rows.append(["**median**, never counting as longest", *map(seconds_or_never, medians)])
    return table(["object", *phases], rows)


def seconds_or_never(seconds: float | None) -> str:
    """Annotation time in words: an object may never get there."""
    return "never" if seconds is None else f"{seconds:.0f} s"


def _name(course: Mapping[str, Any]) -> str:
    return f"{course['clip']}/{course['object']}"


def _seconds(course: Mapping[str, Any]) -> float | None:
    return next((each["seconds"] for each in course["efforts"] if each["j_and_f"] >= ENOUGH), None)


def _interaction_charts(report: Report) -> list[Chart]:
    by_frames, by_clicks = list[Line](), list[Line]()
    for phase, mean in report["mean"].items():
        curve: list[float] = mean["curve"]
        efforts = [each["efforts"] for each in report["objects"] if each["phase"] == phase]
        clicks = _padded(efforts, "num_clicks", len(curve))
        quiet = phase == "sam_per_frame"
        by_frames.append(Line(phase, [(float(count), score) for count, score in enumerate(curve, start=1)], quiet))
        by_clicks.append(Line(phase, list(zip(clicks, curve, strict=True)), quiet))
    title = f"J&F, {report['protocol']}"
    return [
        Chart(f"{title}: by corrected frames", "corrected frames", by_frames, low=0, high=100),
        Chart(f"{title}: by clicks", "clicks, mean over objects", by_clicks, low=0, high=100),
    ]


def _padded(efforts: Sequence[Sequence[Mapping[str, float]]], key: str, length: int) -> list[float]:
    """The mean over objects after 1, 2, ... corrected frames."""
    return [float(np.mean([each[min(step, len(each) - 1)][key] for each in efforts])) for step in range(length)]


def _joined_interaction(reports: Sequence[Report]) -> Report:
    objects = [each for report in reports for each in report["objects"]]
    mean: dict[str, Any] = {}
    for phase in reports[0]["mean"]:
        efforts = [each["efforts"] for each in objects if each["phase"] == phase]
        curve = [round(100 * value, 4) for value in _padded(efforts, "j_and_f", reports[0]["frames"])]
        until_80 = [_seconds(each) for each in objects if each["phase"] == phase]
        mean[phase] = {
            "curve": curve,
            "average": round(float(np.mean(curve)), 4),
            "clicks": float(np.mean([each[-1]["num_clicks"] for each in efforts])),
            "seconds": float(np.mean([each[-1]["seconds"] for each in efforts])),
            "reached_80": len(until_80) - until_80.count(None),
            "seconds_to_80": median_seconds(until_80),
        }
    return {**reports[0], "objects": objects, "mean": mean}


# --- groups --------------------------------------------------------------------------------------


def _fairness(report: Report) -> str:
    text = _heading(report, "Groups side by side")
    text += "J&F in percent with 95 % intervals, whole videos drawn anew.\n"
    for prompt, comparisons in report["prompts"].items():
        rows: list[list[str | float]] = []
        for comparison in comparisons:
            for group in comparison["groups"]:
                name = f"{comparison['attribute']}: {group['value']}"
                rows.append([name, str(group["num_objects"]), _interval(group["j_and_f"])])
            rows.append([f"{comparison['attribute']}: gap", "", _interval(comparison["gap"])])
        text += f"\n## Prompt: {prompt}\n\n" + table(["group", "objects", "J&F"], rows)
    return text


def _interval(interval: Mapping[str, float]) -> str:
    return f"{100 * interval['mean']:.1f} ({100 * interval['low']:.1f} to {100 * interval['high']:.1f})"


def _no_charts(report: Report) -> list[Chart]:
    return []


def _not_joined(reports: Sequence[Report]) -> Report:
    raise ValueError("intervals over groups cannot be joined: measure all clips at once")


PAGES: dict[str, Page] = {
    "vos": Page(_tracking, _tracking_charts, _joined_tracking, ("model", "version", "prompt")),
    "images": Page(_images, _image_charts, _joined_images, ("model", "version", "every")),
    "interactive": Page(
        _interaction, _interaction_charts, _joined_interaction, ("model", "version", "protocol", "frames")
    ),
    "fairness": Page(_fairness, _no_charts, _not_joined),
}
"""By the command that measured."""
