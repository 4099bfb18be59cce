"""The tools of each phase (SAM 2, section 5.1), as data from which routes check and the browser draws its tools."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.phases.problems import PhaseForbids
from backend.tables.states import Phase


class Tool(StrEnum):
    """What a person works with. Marking an object as absent and clearing a frame are possible in every phase."""

    point = "point"
    box = "box"
    brush = "brush"
    eraser = "eraser"
    propagate = "propagate"
    refine = "refine"


WORDS: Mapping[Tool, str] = {
    Tool.point: "clicks",
    Tool.box: "boxes",
    Tool.brush: "the brush",
    Tool.eraser: "the eraser",
    Tool.propagate: "propagation",
    Tool.refine: "refining a mask that was tracked: a correction there is a new mask from scratch",
}
_SAM = frozenset({Tool.point, Tool.box, Tool.brush, Tool.eraser})


@dataclass(frozen=True, slots=True)
class PhaseRules:
    """One phase. Without `Tool.refine`, the mask of clicks and boxes depends on their frame alone, as in SAM."""

    phase: Phase
    number: int
    title: str
    summary: str
    tools: frozenset[Tool]


PHASES: Mapping[Phase, PhaseRules] = {
    rules.phase: rules
    for rules in (
        PhaseRules(
            phase=Phase.sam_per_frame,
            number=1,
            title="SAM per frame",
            summary="Every annotated frame by itself: clicks and boxes see one frame, brush and eraser correct it.",
            tools=_SAM,
        ),
        PhaseRules(
            phase=Phase.sam_plus_sam2_mask,
            number=2,
            title="SAM + SAM 2 mask",
            summary="A mask made on one frame is carried through the video; a correction is a new mask from scratch.",
            tools=_SAM | {Tool.propagate},
        ),
        PhaseRules(
            phase=Phase.sam2,
            number=3,
            title="SAM 2",
            summary="Clicks, boxes and masks are carried through the video, and clicks refine what was tracked.",
            tools=_SAM | {Tool.propagate, Tool.refine},
        ),
    )
}


def allows(phase: Phase, tool: Tool) -> bool:
    return tool in PHASES[phase].tools


def require_tool(phase: Phase, tool: Tool) -> None:
    """Check that a phase has a tool.

    Raises:
        PhaseForbids: it does not.
    """
    if not allows(phase, tool):
        rules = PHASES[phase]
        raise PhaseForbids(
            f"Phase {rules.number} ({rules.title}) is without {WORDS[tool]}.",
            extra={"phase": phase.value, "tool": tool.value},
        )
