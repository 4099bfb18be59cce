"""The paper's phase table, from Maskloom's own log. backend/README.md, "The phase table", defines its columns."""

from collections.abc import Callable, Sequence
from uuid import UUID

from backend.insights.alignment import Agreement, Size
from backend.insights.estimates import Estimate, mean, ratio
from backend.insights.facts import Edit, Evidence, MaskletFacts, first_verdict
from backend.insights.figures.figure import Figure
from backend.insights.schemas import EstimateRead, PaperPhase, PhaseRow
from backend.tables.states import Phase, VerdictKind

PAPER = {
    Phase.sam_per_frame: PaperPhase(
        seconds_per_frame=37.8,
        edited_frames=1.0,
        clicks_per_clicked_frame=4.80,
        alignment=None,
        alignment_small=None,
        alignment_medium=None,
        alignment_large=None,
    ),
    Phase.sam_plus_sam2_mask: PaperPhase(
        seconds_per_frame=7.4,
        edited_frames=0.2325,
        clicks_per_clicked_frame=3.61,
        alignment=0.864,
        alignment_small=0.713,
        alignment_medium=0.804,
        alignment_large=0.979,
    ),
    Phase.sam2: PaperPhase(
        seconds_per_frame=4.5,
        edited_frames=0.1904,
        clicks_per_clicked_frame=2.68,
        alignment=0.891,
        alignment_small=0.728,
        alignment_medium=0.818,
        alignment_large=1.0,
    ),
}


def phase_rows(evidence: Evidence) -> Sequence[PhaseRow]:
    """One row for each of the three phases, including those without work."""
    return [_row(phase, evidence) for phase in Phase]


def _row(phase: Phase, evidence: Evidence) -> PhaseRow:
    masklets = [found for found in evidence.admitted if found.phase is phase and _counts(found, evidence)]
    seconds = [evidence.time.masklets[found.masklet_id].annotation_seconds for found in masklets]
    frames = [float(found.num_frames) for found in masklets]
    edits = [evidence.edits.get(found.masklet_id, ()) for found in masklets]
    compared = [evidence.agreements[found.masklet_id] for found in masklets if found.masklet_id in evidence.agreements]
    judged = [told for found in masklets if (told := evidence.judgements.get(found.masklet_id))]
    splits = [evidence.time.masklets[found.masklet_id] for found in masklets]
    return PhaseRow(
        phase=phase,
        num_masklets=len(masklets),
        num_videos=len({found.video_id for found in masklets}),
        num_people=len(_people(masklets, evidence)),
        seconds_per_frame=_read(mean([s / f for s, f in zip(seconds, frames, strict=True)])),
        pooled_seconds_per_frame=_read(ratio(seconds, frames)),
        edited_frames=_read(mean([_edited(of) / f for of, f in zip(edits, frames, strict=True)])),
        clicks_per_clicked_frame=_read(ratio([_clicks(of) for of in edits], [_clicked(of) for of in edits])),
        propagations_per_masklet=_read(mean([float(found.num_propagations) for found in masklets])),
        alignment=_aligned(compared),
        alignment_small=_aligned([of for of in compared if of.size is Size.small]),
        alignment_medium=_aligned([of for of in compared if of.size is Size.medium]),
        alignment_large=_aligned([of for of in compared if of.size is Size.large]),
        presence_agreement=_share(compared, lambda of: of.num_same_presence, lambda of: of.num_known),
        first_pass=_read(mean([float(first_verdict(told) is VerdictKind.satisfactory) for told in judged])),
        rework_rounds=_read(
            mean([float(sum(of.verdict is VerdictKind.unsatisfactory for of in told)) for told in judged])
        ),
        active_seconds=round(sum(split.active for split in splits), 3),
        waiting_seconds=round(sum(split.waiting for split in splits), 3),
        reviewing_seconds=round(sum(split.reviewing for split in splits), 3),
        shared_seconds=round(sum(split.shared for split in splits), 3),
        verifying_seconds=round(sum(split.verifying for split in splits), 3),
        paper=PAPER[phase],
    )


def _counts(masklet: MaskletFacts, evidence: Evidence) -> bool:
    split = evidence.time.masklets.get(masklet.masklet_id)
    return masklet.num_frames > 0 and split is not None and split.annotation_seconds > 0


def _people(masklets: Sequence[MaskletFacts], evidence: Evidence) -> set[UUID]:
    ids = {found.masklet_id for found in masklets}
    spans = evidence.derived.spans
    return {span.user_id for span in spans if span.key.masklet_id in ids and not span.key.verifying}


def _edited(edits: Sequence[Edit]) -> int:
    return len({edit.frame_index for edit in edits if edit.changed and edit.on_grid})


def _clicks(edits: Sequence[Edit]) -> float:
    return float(sum(edit.clicks for edit in edits))


def _clicked(edits: Sequence[Edit]) -> float:
    return float(len({edit.frame_index for edit in edits if edit.clicks}))


def _aligned(compared: Sequence[Agreement]) -> EstimateRead:
    return _share(compared, lambda of: of.num_aligned, lambda of: of.num_compared)


def _share(
    compared: Sequence[Agreement], above: Callable[[Agreement], int], below: Callable[[Agreement], int]
) -> EstimateRead:
    return _read(ratio([float(above(of)) for of in compared], [float(below(of)) for of in compared]))


def _read(estimate: Estimate) -> EstimateRead:
    return EstimateRead(value=estimate.value, low=estimate.low, high=estimate.high, count=estimate.count)


PHASE_TABLE = Figure("phase_table", "Seconds per frame by phase", PhaseRow, phase_rows)
