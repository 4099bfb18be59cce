"""Throughput and rework, by person and week."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from backend.insights.facts import Evidence
from backend.insights.figures.figure import Figure
from backend.insights.schemas import PersonWeekRow
from backend.tables.states import VerdictKind
from backend.timing.events import Doing


@dataclass(slots=True)
class _Week:
    annotation: float = 0.0
    waiting: float = 0.0
    verifying: float = 0.0
    focused: float = 0.0
    rework: float = 0.0
    masklets: set[UUID] = field(default_factory=set[UUID])
    frames: set[tuple[UUID, int]] = field(default_factory=set[tuple[UUID, int]])
    accepted: int = 0
    sent_back: int = 0
    verdicts: int = 0


_Weeks = defaultdict[tuple[date, UUID], _Week]


def week_rows(evidence: Evidence) -> Sequence[PersonWeekRow]:
    """Rows by person and week, newest week first. Weeks without work have none."""
    weeks: _Weeks = defaultdict(_Week)
    _add_time(weeks, evidence)
    for edits in evidence.edits.values():
        for edit in edits:
            if not evidence.within(edit.at):
                continue
            week = weeks[monday_of(edit.at), edit.actor_id]
            week.masklets.add(edit.masklet_id)
            if edit.changed:
                week.frames.add((edit.masklet_id, edit.frame_index))
    _add_verdicts(weeks, evidence)
    ordered = sorted(weeks.items(), key=lambda item: (item[0][0], evidence.names.get(item[0][1], "")), reverse=True)
    person = evidence.which.person
    return [_row(monday, user, week, evidence) for (monday, user), week in ordered if person in (None, user)]


def monday_of(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def _add_time(weeks: _Weeks, evidence: Evidence) -> None:
    sent_back = {
        masklet_id: next((of.at.timestamp() for of in judgements if of.verdict is VerdictKind.unsatisfactory), None)
        for masklet_id, judgements in evidence.judgements.items()
    }
    for span in evidence.spans():
        week = weeks[monday_of(datetime.fromtimestamp(span.start, UTC)), span.user_id]
        seconds = span.end - span.start
        week.focused += seconds
        if span.doing is Doing.idle:
            continue
        if span.key.verifying:
            week.verifying += seconds
            continue
        week.annotation += seconds
        week.waiting += seconds if span.doing is Doing.waiting else 0.0
        masklet_id = span.key.masklet_id
        if masklet_id is not None:
            week.masklets.add(masklet_id)
            since = sent_back.get(masklet_id)
            week.rework += seconds if since is not None and span.start >= since else 0.0


def _add_verdicts(weeks: _Weeks, evidence: Evidence) -> None:
    makers = {found.masklet_id: found.created_by for found in evidence.masklets}
    for judgements in evidence.judgements.values():
        for judgement in judgements:
            if not evidence.within(judgement.at):
                continue
            monday = monday_of(judgement.at)
            weeks[monday, judgement.verifier_id].verdicts += 1
            if (maker := makers.get(judgement.masklet_id)) is not None:
                accepted = judgement.verdict is VerdictKind.satisfactory
                weeks[monday, maker].accepted += accepted
                weeks[monday, maker].sent_back += not accepted


def _row(monday: date, user_id: UUID, week: _Week, evidence: Evidence) -> PersonWeekRow:
    return PersonWeekRow(
        user_id=user_id,
        name=evidence.names.get(user_id, "Somebody"),
        week=monday,
        annotation_seconds=round(week.annotation, 3),
        waiting_seconds=round(week.waiting, 3),
        verifying_seconds=round(week.verifying, 3),
        focused_seconds=round(week.focused, 3),
        masklets_worked_on=len(week.masklets),
        edited_frames=len(week.frames),
        frames_per_hour=len(week.frames) / week.annotation * 3600 if week.annotation else None,
        accepted=week.accepted,
        sent_back=week.sent_back,
        rework_seconds=round(week.rework, 3),
        verdicts_given=week.verdicts,
    )


PEOPLE_WEEKS = Figure(
    "people_weeks", "Throughput and rework by person and week", PersonWeekRow, week_rows, personal=True
)
