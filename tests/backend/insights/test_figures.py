"""The figures, from evidence small enough to work them out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from backend.insights.alignment import Agreement, Size
from backend.insights.evidence import twins_of
from backend.insights.facts import Edit, Evidence, Judgement, MaskletFacts
from backend.insights.figures.people_weeks import week_rows
from backend.insights.figures.phase_table import phase_rows
from backend.insights.figures.waiting_time import waiting_rows
from backend.insights.filter import Filter
from backend.insights.schemas import PhaseRow
from backend.tables.states import Phase, VerdictKind
from backend.timing.attribution import attribute
from backend.timing.events import Derived, Doing, Key, Span

PROJECT, VIDEO, ANN, BEN = UUID(int=1), UUID(int=2), UUID(int=11), UUID(int=12)
CUP, DOG, TWIN = UUID(int=21), UUID(int=22), UUID(int=23)
MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def masklet(masklet_id: UUID, phase: Phase, num_frames: int = 10, **more: object) -> MaskletFacts:
    plain = MaskletFacts(
        masklet_id=masklet_id,
        video_id=VIDEO,
        number=1,
        name="cup",
        phase=phase,
        created_by=ANN,
        created_at=MONDAY,
        num_frames=num_frames,
        first_area=500,
        num_propagations=2,
        verified=False,
        object_key="cup",
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def span(start: float, end: float, masklet_id: UUID | None, doing: Doing = Doing.active, **more: object) -> Span:
    """Seconds after nine o'clock on Monday."""
    phase, verifying = more.get("phase", Phase.sam2), bool(more.get("verifying", False))
    key = Key(VIDEO, masklet_id, 0, phase, verifying)  # type: ignore[arg-type]
    at = MONDAY.timestamp()
    return Span(at + start, at + end, doing, key, more.get("user", ANN))  # type: ignore[arg-type]


def edit(
    masklet_id: UUID, frame: int, clicks: int = 1, *, changed: bool = True, days: float = 0, actor: UUID = ANN
) -> Edit:
    return Edit(masklet_id, frame, actor, MONDAY + timedelta(days=days), frame % 4 == 0, changed, clicks, False, False)


def evidence(masklets: list[MaskletFacts], spans: list[Span], **more: object) -> Evidence:
    edits: dict[UUID, list[Edit]] = {}
    for found in more.pop("edits", []):  # type: ignore[attr-defined]
        edits.setdefault(found.masklet_id, []).append(found)
    plain = Evidence(
        which=Filter(PROJECT),
        masklets=masklets,
        edits=edits,
        judgements={},
        derived=Derived(spans, [], []),
        time=attribute(spans),
        agreements={},
        names={ANN: "Ann", BEN: "Ben"},
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def row(found: Evidence, phase: Phase = Phase.sam2) -> PhaseRow:
    return next(of for of in phase_rows(found) if of.phase is phase)


def test_seconds_per_frame_is_the_mean_over_masklets_and_pooled_beside_it() -> None:
    found = row(
        evidence(
            [masklet(CUP, Phase.sam2, 10), masklet(DOG, Phase.sam2, 40)],
            [
                span(0, 20, CUP),
                span(20, 30, CUP, Doing.waiting),
                span(30, 50, CUP, Doing.reviewing),
                span(50, 90, CUP, Doing.idle),
                span(90, 130, DOG),
                span(130, 150, DOG, verifying=True, user=BEN),
            ],
        )
    )
    assert found.seconds_per_frame.value == pytest.approx((50 / 10 + 40 / 40) / 2)
    assert found.pooled_seconds_per_frame.value == pytest.approx(90 / 50)
    assert (found.active_seconds, found.waiting_seconds, found.reviewing_seconds) == (60, 10, 20)
    assert (found.verifying_seconds, found.num_masklets, found.num_people) == (20, 2, 1)


def test_time_with_nothing_selected_is_shared_in_proportion_in_its_phase() -> None:
    spans = [span(0, 30, CUP), span(30, 40, DOG), span(40, 60, None), span(60, 70, None, phase=Phase.sam_per_frame)]
    found = attribute(spans)
    assert (found.masklets[CUP].shared, found.masklets[DOG].shared) == (15, 5)
    assert found.unselected.own_seconds - found.shared_out == 10  # nobody's: no masklet of that phase
    assert found.annotation_seconds == 70


def test_edited_frames_are_those_on_the_grid_that_a_person_changed() -> None:
    edits = [edit(CUP, 0), edit(CUP, 0), edit(CUP, 4), edit(CUP, 5), edit(CUP, 8, changed=False)]
    found = row(evidence([masklet(CUP, Phase.sam2)], [span(0, 9, CUP)], edits=edits))
    assert found.edited_frames.value == pytest.approx(2 / 10)


def test_clicks_per_clicked_frame_is_all_clicks_over_all_frames_that_got_one() -> None:
    edits = [edit(CUP, 0, 3), edit(CUP, 0, 1), edit(CUP, 5, 1, changed=False), edit(CUP, 8, 0)]
    found = row(evidence([masklet(CUP, Phase.sam2)], [span(0, 9, CUP)], edits=edits))
    assert found.clicks_per_clicked_frame.value == pytest.approx(5 / 2)


def test_alignment_is_pooled_over_frames_and_split_by_size() -> None:
    masklets = [masklet(CUP, Phase.sam2), masklet(DOG, Phase.sam2)]
    agreements = {CUP: Agreement(10, 9, 12, 11, Size.small), DOG: Agreement(30, 15, 30, 30, Size.large)}
    found = row(evidence(masklets, [span(0, 9, CUP), span(9, 18, DOG)], agreements=agreements))
    assert found.alignment.value == pytest.approx(24 / 40)
    assert (found.alignment_small.value, found.alignment_large.value) == (0.9, 0.5)
    assert found.alignment_medium.value is None
    assert found.presence_agreement.value == pytest.approx(41 / 42)


def test_a_masklet_without_frames_or_without_time_is_not_in_the_table() -> None:
    found = row(evidence([masklet(CUP, Phase.sam2, 0), masklet(DOG, Phase.sam2)], [span(0, 9, CUP)]))
    assert (found.num_masklets, found.seconds_per_frame.value) == (0, None)


def test_the_filter_admits_by_when_a_masklet_was_begun_and_by_its_verdict() -> None:
    old = masklet(CUP, Phase.sam2, created_at=MONDAY - timedelta(days=9), verified=True)
    both = evidence([old, masklet(DOG, Phase.sam2)], [span(0, 9, CUP), span(9, 18, DOG)])
    assert row(both).num_masklets == 2
    for which in (Filter(PROJECT, since=MONDAY), Filter(PROJECT, until=MONDAY), Filter(PROJECT, verified=True)):
        assert row(replace(both, which=which)).num_masklets == 1


def test_the_twin_is_the_first_phase_one_masklet_of_the_same_object() -> None:
    later = masklet(UUID(int=30), Phase.sam_per_frame, created_at=MONDAY + timedelta(days=1))
    other = masklet(DOG, Phase.sam2, object_key="dog")
    group = [later, masklet(TWIN, Phase.sam_per_frame), masklet(CUP, Phase.sam2), other]
    assert twins_of(group) == {CUP: TWIN}


def test_a_wait_that_heartbeats_cut_is_one_wait() -> None:
    waits = [(0, 5), (5, 10), (10, 12), (40, 41)]
    spans = [span(start, end, CUP, Doing.waiting) for start, end in waits] + [span(12, 40, CUP)]
    found = next(of for of in waiting_rows(evidence([], spans)) if of.phase is Phase.sam2)
    assert (found.num_waits, found.longest_seconds, found.waiting_seconds) == (2, 12, 13)
    assert found.share == pytest.approx(13 / 41)


def test_a_week_has_what_a_person_did_in_it_and_what_became_of_their_masklets() -> None:
    day = 24 * 3600.0
    told = [
        Judgement(CUP, VerdictKind.unsatisfactory, BEN, MONDAY + timedelta(hours=1)),
        Judgement(CUP, VerdictKind.satisfactory, BEN, MONDAY + timedelta(days=7)),
    ]
    spans = [
        span(0, 100, CUP),
        span(200, 230, CUP, Doing.idle),
        span(7200, 7260, CUP),  # after it was sent back
        span(8000, 8100, CUP, verifying=True, user=BEN),
        span(7 * day, 7 * day + 50, CUP),
    ]
    edits = [edit(CUP, 0), edit(CUP, 4), edit(CUP, 4), edit(CUP, 8, days=7)]
    rows = week_rows(evidence([masklet(CUP, Phase.sam2)], spans, edits=edits, judgements={CUP: told}))
    by = {(of.week, of.name): of for of in rows}
    first, second = date(2026, 11, 2), date(2026, 11, 9)
    ann = by[first, "Ann"]
    assert (ann.annotation_seconds, ann.focused_seconds, ann.rework_seconds, ann.sent_back) == (160, 190, 60, 1)
    assert (ann.edited_frames, ann.frames_per_hour) == (2, pytest.approx(45))
    assert (by[second, "Ann"].accepted, by[second, "Ann"].rework_seconds) == (1, 50)
    assert (by[first, "Ben"].verifying_seconds, by[first, "Ben"].verdicts_given) == (100, 1)
    assert rows[0].week == second
    only_ben = evidence(
        [masklet(CUP, Phase.sam2)], spans, edits=edits, judgements={CUP: told}, which=Filter(PROJECT, BEN)
    )
    assert {of.name for of in week_rows(only_ben)} == {"Ben"}
