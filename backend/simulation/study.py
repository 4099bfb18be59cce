"""A simulated study: the same objects in the three phases, and the phase table from the log."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import uuid4

from backend.client.connection import SiteConnection
from backend.simulation.browser import Attention, SimulatedBrowser
from backend.simulation.clips import STRIDE, StudyClip
from backend.simulation.clock import SimulatedClock
from backend.simulation.masklet import RemoteMasklet
from backend.simulation.person import Habits, SimulatedPerson
from backend.simulation.protocols import PROTOCOLS, Truths
from backend.tables.states import Phase
from backend.terminal import TerminalError

_LARGEST_SIDE = 4096  # the truth is in pixels of the file, so videos must not be scaled down
_BREAK_SECONDS = 60.0  # between two objects
_INGEST_SECONDS = 1800.0
_POLL_SECONDS = 0.2

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """The clips of the study, and the habits of its people."""

    clips: Sequence[StudyClip]
    num_frames: int
    """The first frames of each clip to use."""
    habits: Habits
    seed: int


@dataclass(slots=True)
class SimulatedSitting:
    """One object annotated in one phase. `seconds` passed on the simulated clock."""

    phase: Phase
    seconds: float
    num_frames: int


@dataclass(slots=True)
class Studied:
    """What was simulated, and the rows of the phase table that the server computed from its log, by phase."""

    sittings: list[SimulatedSitting] = field(default_factory=list[SimulatedSitting])
    rows: dict[Phase, dict[str, Any]] = field(default_factory=dict[Phase, dict[str, Any]])


@dataclass(frozen=True, slots=True)
class _Work:
    """An object to annotate."""

    video: dict[str, Any]
    name: str
    truths: Truths


def run_study(site: SiteConnection, clock: SimulatedClock, plan: StudyPlan, say: Say) -> Studied:
    """Upload the clips, annotate every object in every phase, and read the phase table.

    Raises:
        TerminalError: the site refused a request, or no object is visible.
        TimeoutError: a video or a propagation took too long.
        NoClips: the true masks of a clip differ in size from its video.
    """
    body = {"name": "Simulated study", "stride": STRIDE, "long_side": _LARGEST_SIDE, "phase": Phase.sam_per_frame}
    project = site.send("POST", "/api/projects", body, key=uuid4())["id"]
    work = [found for clip in plan.clips for found in _objects(_ingested(site, project, clip, say), clip, plan)]
    if not work:
        raise TerminalError("no object shows in the frames that were asked for")
    studied = Studied()
    for phase in Phase:
        # A masklet gets the project's phase at the time it is made. Twins of an object have the same name.
        site.send("PATCH", f"/api/projects/{project}", {"phase": phase}, key=uuid4())
        for number, each in enumerate(work, 1):
            say(f"{phase}: object {number} of {len(work)} ({each.video['name']}, {each.name})")
            random = Random(f"{plan.seed} {phase} {each.video['name']} {each.name}")
            studied.sittings.append(_sit(_Workstation(site, clock, plan.habits, random), phase, each))
    insights = site.get(f"/api/projects/{project}/insights")
    studied.rows = {Phase(row["phase"]): row for row in insights["phase_table"]}
    return studied


@dataclass(frozen=True, slots=True)
class _Workstation:
    """The server, clock, habits and randomness of a simulated person."""

    site: SiteConnection
    clock: SimulatedClock
    habits: Habits
    random: Random


def _sit(at: _Workstation, phase: Phase, work: _Work) -> SimulatedSitting:
    """Annotate one object. It was selected before, as in the paper, so its masklet already exists and is selected."""
    at.clock.advance_to(at.clock.seconds + _BREAK_SECONDS)
    masklet = RemoteMasklet(at.site, work.video, work.name)
    attention = Attention(str(work.video["id"]), masklet.id, phase, min(work.truths))
    browser = SimulatedBrowser(at.site, at.clock, attention, at.random)
    began = at.clock.seconds
    browser.open()
    PROTOCOLS[phase](SimulatedPerson(browser, masklet, at.habits, at.random), work.truths)
    browser.close()
    return SimulatedSitting(phase, at.clock.seconds - began, len(work.truths))


def _ingested(site: SiteConnection, project: str, clip: StudyClip, say: Say) -> dict[str, Any]:
    say(f"{clip.name}: ingesting")
    video = site.upload(f"/api/projects/{project}/videos", clip.video, name=f"{clip.name}.mp4", key=uuid4())
    deadline = time.monotonic() + _INGEST_SECONDS
    while video["state"] == "ingesting":
        if time.monotonic() > deadline:
            raise TimeoutError(f"{clip.name} is not ingested")
        time.sleep(_POLL_SECONDS)
        video = site.get(f"/api/videos/{video['id']}")
    if video["state"] != "ready":
        raise TerminalError(f"{clip.name}: {video['problem']['detail']}")
    return dict(video)


def _objects(video: dict[str, Any], clip: StudyClip, plan: StudyPlan) -> list[_Work]:
    num_frames = min(plan.num_frames, int(video["num_frames"]))
    found = clip.objects(num_frames, height=int(video["height"]), width=int(video["width"]))
    return [_Work(video, name, truths) for name, truths in found]
