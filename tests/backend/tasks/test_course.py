"""The loop of quality cannot stick: what each verdict, submission, edit and departure leads to."""

from collections.abc import AsyncGenerator, Iterable

import pytest
from sqlalchemy import select, update

from backend.db.engine import Sessions
from backend.masklets.course import COURSE, FOLLOWS, GIVES, CourseEvent, verdict_after
from backend.tables import Masklet, Membership, Task, User, Video
from backend.tables.states import Role, TaskKind, TaskState, VerdictKind, VideoState, WorkState
from tests.backend.running import RunningBackend
from tests.backend.tasks.crew import Crew, Person, person_at
from tests.backend.tasks.round import MOVES, Round
from tests.backend.tasks.shift import new_video
from tests.backend.tasks.test_flow import WHOLE, annotated, judge, open_kinds
from tests.backend.tasks.test_leases import slug
from tests.backend.workplace import StoredVideo, disk

EAGER_SEED = 7  # in whose round many changes are accepted, and every move is tried
ENOUGH = 30


def test_every_event_leads_from_every_state_it_can_happen_in_to_one_that_somebody_carries_on() -> None:
    for event in CourseEvent:
        assert set(COURSE[event]) == set(WorkState) - _impossible(event)
        for before, after in COURSE[event].items():
            verdict = verdict_after(event, (before, None))
            assert bool(FOLLOWS[after]) != (after is WorkState.settled)
            assert (after is WorkState.settled and event in GIVES) == (verdict in _SETTLES)


_SETTLES = {VerdictKind.satisfactory, VerdictKind.rejected}


def _impossible(event: CourseEvent) -> set[WorkState]:
    """States in which there is no verdict to contest or to withdraw."""
    unjudged = {WorkState.annotating, WorkState.verifying}
    return {CourseEvent.contested: unjudged | {WorkState.settled}, CourseEvent.withdrawn: unjudged}.get(event, set())


async def returned(crew: Crew) -> str:
    """Ann holds the refine task of her object, which Vera found unsatisfactory."""
    masklet = await annotated(crew)
    assert (await judge(crew, masklet, "unsatisfactory")).status_code == 201
    assert (await crew.ann.next_task("refine")).status_code == 200
    await crew.ann.changes()
    return masklet


async def test_a_refined_masklet_submitted_without_an_edit_goes_back_to_a_verifier(crew: Crew) -> None:
    masklet = await returned(crew)
    assert (await crew.ann.say("submit")).status_code == 200
    assert await open_kinds(crew) == [("verify", None)]
    assert await to_verify(crew.vera) == [masklet]


async def test_a_contested_verdict_goes_to_a_verifier_with_the_reason(crew: Crew) -> None:
    masklet = await returned(crew)
    contested = await crew.ann.say("contest", reason="That is its shadow.")
    assert contested.json()["outcome"] == "contested"
    assert (await crew.ann.say("contest", reason="That is its shadow.")).json() == contested.json()  # once more
    assert await open_kinds(crew) == [("verify", None)]
    (item,) = (await crew.vera.client.get(f"/api/projects/{crew.vera.video.project_id}/review")).json()
    assert (item["masklet"]["id"], item["contest"]) == (masklet, "That is its shadow.")
    assert (item["earlier"]["verdict"], item["earlier"]["reasons"]) == ("unsatisfactory", ["leaks"])
    assert item["earlier"]["verifier_name"] == "Vera"


async def test_a_contested_verdict_is_offered_to_another_verifier_first(crew: Crew) -> None:
    first = await returned(crew)
    await crew.ann.say("contest", reason="No.")
    crew.ann.lease = None
    second = await crew.ann.outline(frames=WHOLE)
    await crew.ann.next_task("annotate")
    await crew.ann.say("submit")
    assert (await crew.vera.next_task("verify")).json()["task"]["masklet_id"] == second
    assert (await crew.ben.next_task("verify")).json()["task"]["masklet_id"] == first


async def test_only_a_verdict_that_sent_something_back_can_be_contested(crew: Crew) -> None:
    await crew.ann.next_task("annotate")
    assert slug(await crew.ann.say("contest", reason="No.")) == (409, "nothing-to-contest")


async def test_an_object_added_after_the_video_was_submitted_gets_a_task(crew: Crew) -> None:
    await annotated(crew)
    late = await crew.ben.outline()
    assert ("annotate", None) in await open_kinds(crew)
    await crew.ben.next_task("annotate")
    await crew.ben.say("submit")
    assert late in await to_verify(crew.vera)


async def test_a_verified_masklet_that_is_edited_waits_for_a_verdict_again(crew: Crew) -> None:
    masklet = await annotated(crew)
    await judge(crew, masklet, "satisfactory")
    assert await open_kinds(crew) == []
    await crew.ann.changes()
    assert (await crew.ann.draw(masklet, 0, disk(60, 60, 9))).json()["masklet"]["verdict"] is None
    assert await open_kinds(crew) == [("verify", None)]


async def test_an_object_without_a_mask_is_put_away_when_its_video_is_submitted(crew: Crew) -> None:
    await crew.ann.next_task()
    await crew.ann.outline()
    empty = await crew.ann.create_masklet()
    await crew.ann.say("submit")
    found = {masklet["id"]: masklet["deleted"] for masklet in (await crew.ann.changes())["masklets"]}
    assert found[empty] is True
    assert len(found) == 2


async def test_a_propagation_voids_a_verdict_until_it_has_changed_nothing(crew: Crew) -> None:
    masklet = await annotated(crew)
    await judge(crew, masklet, "satisfactory")
    await crew.ann.changes()
    run = (await crew.ann.start_run([masklet], 0)).json()
    assert [found["verdict"] for found in (await crew.ann.changes())["masklets"]] == [None]
    assert (await crew.ann.run_ended(run["id"]))["state"] == "done"
    assert await to_verify(crew.vera) == [masklet]


async def test_what_is_returned_says_why_and_where(crew: Crew) -> None:
    masklet = await annotated(crew)
    await crew.vera.changes()
    body = {"verdict": "unsatisfactory", "reasons": ["boundary", "lost"], "note": "The tail.", "frame_index": 8}
    assert (await crew.vera.edit("POST", masklet, "verdicts", body)).status_code == 201
    (task,) = (await crew.ann.client.get("/api/tasks/returned")).json()
    assert (task["reason"], task["frame_index"], task["claimable"]) == ("boundary, lost: The tail.", 8, True)
    assert (await crew.ben.client.get("/api/tasks/returned")).json() == []
    (given,) = (await crew.ann.client.get(f"/api/masklets/{masklet}/verdicts")).json()
    assert (given["reasons"], given["note"], given["frame_index"]) == (["boundary", "lost"], "The tail.", 8)
    trail = await crew.vera.client.get(f"/api/projects/{crew.vera.video.project_id}/audit")
    details = trail.json()["entries"][0]["details"]
    assert (details["object"], details["video"]) == ("Object 1", "clip.mp4")


async def test_the_trail_names_what_changed_hands_and_what_was_taken_back(crew: Crew) -> None:
    await annotated(crew)
    (verify,) = [task["id"] for task in await crew.ben.tasks() if task["kind"] == "verify"]
    given = await crew.ben.client.patch(f"/api/tasks/{verify}", json={"assignee_id": str(crew.vera.user_id)})
    assert given.status_code == 200, given.text
    await crew.ben.outline()
    await crew.ben.next_task("annotate")
    assert (await crew.ben.say("reject", reason="too dark")).status_code == 200
    assert (await crew.ann.client.delete(f"/api/videos/{crew.ann.video.video_id}/rejection")).status_code == 204
    trail = await crew.vera.client.get(f"/api/projects/{crew.vera.video.project_id}/audit")
    entries = {entry["action"]: entry["details"] for entry in trail.json()["entries"]}
    about = {"kind": "verify", "object": "Object 1", "video": "clip.mp4"}
    assert entries["task.reassigned"] == about | {"from": None, "to": "Vera"}
    assert entries["video.taken_back"] == {"video": "clip.mp4", "reason": "too dark"}


async def test_a_verdict_names_a_frame_that_there_is(crew: Crew) -> None:
    masklet = await annotated(crew)
    await crew.vera.changes()
    body = {"verdict": "unsatisfactory", "frame_index": 40}
    assert slug(await crew.vera.edit("POST", masklet, "verdicts", body)) == (422, "not-that-long")


async def test_holding_two_tasks_of_a_video_shows_both(crew: Crew) -> None:
    masklet = await returned(crew)
    await crew.ann.create_masklet()
    await crew.ann.next_task("annotate")
    lease = await crew.ann.lease_of_video()
    assert [held["task"]["kind"] for held in lease["held"]] == ["refine", "annotate"]
    assert lease["own"]["task"]["masklet_id"] == masklet


async def test_a_verdict_on_work_in_somebodys_hands_is_refused(crew: Crew) -> None:
    await crew.ann.next_task("annotate")
    masklet = await crew.ann.outline()
    await crew.vera.changes()
    assert slug(await crew.vera.verdict(masklet, "unsatisfactory")) == (409, "lease-held")


async def test_work_in_hand_is_not_judged_again_by_withdrawing(crew: Crew) -> None:
    masklet = await returned(crew)
    await crew.vera.changes()
    assert slug(await crew.vera.edit("DELETE", masklet, "verdicts/latest", None)) == (409, "lease-held")


async def test_a_task_of_a_failed_upload_is_not_offered(crew: Crew, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        await session.execute(update(Video).values(state=VideoState.failed))
    assert await crew.ann.tasks() == []


@pytest.mark.parametrize(("role", "claimable"), [(Role.annotator, True), (Role.verifier, False), (Role.viewer, False)])
async def test_a_task_says_whether_one_may_claim_it(
    crew: Crew, workplace: RunningBackend, sessions: Sessions, stored_video: StoredVideo, role: Role, claimable: bool
) -> None:
    person = await person_at(workplace, sessions, stored_video, "new", role)
    async with person.client:
        assert [task["claimable"] for task in await person.tasks()] == [claimable]


async def test_work_kept_for_somebody_who_left_is_free(crew: Crew, sessions: Sessions) -> None:
    masklet = await annotated(crew)
    await judge(crew, masklet, "unsatisfactory")
    assert (await crew.ben.next_task("refine")).status_code == 404
    async with sessions.begin() as session:
        await session.execute(update(User).where(User.id == crew.ann.user_id).values(disabled=True))
    assert (await crew.ben.next_task("refine")).status_code == 200


async def test_a_task_is_not_kept_for_somebody_who_could_not_do_it(crew: Crew, sessions: Sessions) -> None:
    await annotated(crew)
    (verify,) = [task["id"] for task in await crew.ben.tasks() if task["kind"] == "verify"]
    given = await crew.ben.client.patch(f"/api/tasks/{verify}", json={"assignee_id": str(crew.ann.user_id)})
    assert slug(given) == (409, "cannot-do-task")


async def test_the_last_person_who_can_judge_judges_even_their_own_work(crew: Crew, sessions: Sessions) -> None:
    masklet = await annotated(crew)
    async with sessions.begin() as session:
        others = update(Membership).where(Membership.user_id.in_([crew.ben.user_id, crew.vera.user_id]))
        await session.execute(others.values(role=Role.annotator))
    assert await to_verify(crew.ann) == [masklet]
    assert (await crew.ann.verdict(masklet, "satisfactory")).status_code == 201


async def test_a_rejected_video_that_is_taken_back_has_one_task(crew: Crew, sessions: Sessions) -> None:
    async with sessions.begin() as session:
        (task,) = (await session.scalars(select(Task))).all()
        session.add(Task(video_id=task.video_id, kind=TaskKind.annotate, phase=task.phase, epoch=0))
    await crew.ann.next_task()
    await crew.ann.say("reject", reason="too dark")
    await crew.ben.client.delete(f"/api/videos/{crew.ben.video.video_id}/rejection")
    async with sessions.begin() as session:
        unfinished = select(Task).where(Task.state != TaskState.done)
        assert len((await session.scalars(unfinished)).all()) == 1


async def test_a_masklet_is_never_stuck_whatever_people_do(
    crew: Crew, workplace: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    async for played in rounds(crew, workplace, sessions, stored_video, seeds=[EAGER_SEED], num_steps=80):
        assert played.tried == set(MOVES)
        assert played.counts["accepted"] > ENOUGH, played.counts


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", range(1000, 1200, 10))
async def test_a_masklet_is_never_stuck_in_two_hundred_rounds(
    first: int, crew: Crew, workplace: RunningBackend, sessions: Sessions, stored_video: StoredVideo
) -> None:
    seeds = range(first, first + 10)
    async for _played in rounds(crew, workplace, sessions, stored_video, seeds=seeds, num_steps=80):
        pass


async def rounds(
    crew: Crew, running: RunningBackend, sessions: Sessions, video: StoredVideo, *, seeds: Iterable[int], num_steps: int
) -> AsyncGenerator[Round]:
    """Rounds of a manager, two annotators and two verifiers, each at a video of its own."""
    people = [crew.ann, crew.ben, crew.vera]
    people += [await person_at(running, sessions, video, name, Role.verifier) for name in ("vic", "val")]
    all_roles: list[Role] = [Role.manager, Role.annotator, Role.annotator, Role.verifier, Role.verifier]
    roles = {person.user_id: role for person, role in zip(people, all_roles, strict=True)}
    for seed in seeds:
        at = await new_video(sessions, [person.user_id for person in people])
        async with sessions.begin() as session:
            for user_id, role in roles.items():
                found = await session.get_one(Membership, (at.project_id, user_id))
                found.role = role
        here = [Person(each.client, at, user_id=each.user_id, name=each.name) for each in people]
        played = Round(seed, here, roles, sessions)
        await played.play(num_steps)
        yield played
    for person in people[3:]:
        await person.client.aclose()


async def to_verify(person: Person) -> list[str]:
    """What the review page shows to a person."""
    queue = await person.client.get(f"/api/projects/{person.video.project_id}/review")
    return [item["masklet"]["id"] for item in queue.json()]


async def test_the_states_of_work_are_counted_for_each_video(crew: Crew, sessions: Sessions) -> None:
    await returned(crew)
    found = (await crew.ann.client.get(f"/api/videos/{crew.ann.video.video_id}")).json()
    counts = [found[name] for name in ("num_annotating", "num_to_verify", "num_to_refine", "num_verified")]
    assert counts == [0, 0, 1, 0]
    async with sessions.begin() as session:
        assert (await session.scalar(select(Masklet.work))) is WorkState.refining
