"""The whole story: three people annotate the same objects, each under another phase, and the phase table fills in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.clips import draw_frame, write_clip
from tests.e2e.main_job import create_project
from tests.e2e.people import fill, look, use_link
from tests.e2e.workspace import WAIT_MS, Workspace
from tests.running import RunningMaskloom

NUM_FRAMES = 9
ANNOTATED = (0, 4, 8)
PHASES = ("sam_per_frame", "sam_plus_sam2_mask", "sam2")


@dataclass(frozen=True)
class Worker:
    """Somebody with a browser of their own."""

    name: str
    page: Page


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMaskloom]:
    """As `MASKLOOM_SIGN_IN=accounts make up` starts it, with the model in the box."""
    running = RunningMaskloom(tmp_path_factory.mktemp("site") / "data", sign_in="accounts")
    running.start()
    yield running
    running.stop()


@pytest.fixture
def team(browser: Browser, site: RunningMaskloom) -> Iterator[list[Worker]]:
    names = ("Ada", "Ben", "Cleo")
    contexts = [browser.new_context(viewport={"width": 1440, "height": 900}, base_url=site.url) for _ in names]
    workers = [Worker(name, context.new_page()) for name, context in zip(names, contexts, strict=True)]
    errors: list[str] = []
    for worker in workers:
        worker.page.on("pageerror", lambda error: errors.append(str(error)))
    yield workers
    for context in contexts:
        context.close()
    assert errors == []


@pytest.mark.long
def test_three_people_annotate_the_same_objects_under_each_phase(
    site: RunningMaskloom, team: list[Worker], tmp_path: Path
) -> None:
    manager, *annotators = team
    use_link(manager.page, site.first_link(), name=manager.name)
    clips = [write_clip(tmp_path / f"{name}.mp4", "constant", num_frames=NUM_FRAMES) for name in ("kitchen", "street")]
    project = _make_ready(manager.page, clips)
    for annotator in annotators:
        link = _invite(manager.page, project, annotator.name)
        use_link(annotator.page, link, name=annotator.name)
    for annotator in annotators:
        _select_an_object(annotator, project)
    _start_study(manager.page, project, num_objects=len(clips), people=[worker.name for worker in team])

    insights = manager.page.context.new_page()
    insights.goto(manager.page.url)
    insights.get_by_test_id("study-insights").click()
    done = dict.fromkeys(PHASES, 0)
    assert _phase_table(insights)["masklets"] == list(done.values())
    for worker in team:
        for _ in clips:
            done[_do_next_task(worker, project)] += 1
        table = _phase_table(insights)
        assert table["masklets"] == list(done.values())
    assert list(done.values()) == [len(clips)] * 3, "every object is done once under each phase"
    seconds = _phase_table(insights)["seconds"]
    assert all(value > 0 for value in seconds), seconds
    look(insights, "insights")
    manager.page.goto(f"/projects/{project}/studies")
    expect(manager.page.get_by_test_id("study-plan")).to_contain_text("6 of 6 done")
    look(manager.page, "study-done")


def _make_ready(page: Page, clips: list[Path]) -> str:
    """A project whose videos begin with a selection of objects, and its videos."""
    look(page, "no-projects")
    project = create_project(page, "Phases compared")
    look(page, "new-project")
    page.get_by_test_id("project-settings-button").click()
    page.get_by_label("Select objects first").click()
    look(page, "settings")
    page.get_by_test_id("save-settings").click()
    expect(page.get_by_test_id("project-settings")).to_have_count(0)
    page.get_by_test_id("upload-input").set_input_files(clips)
    expect(page.locator("[data-testid=video-card][data-state=ready]")).to_have_count(len(clips), timeout=4 * WAIT_MS)
    look(page, "project")
    return project


def _invite(page: Page, project: str, name: str) -> str:
    page.goto(f"/projects/{project}")
    page.get_by_test_id("members-link").click()
    page.get_by_test_id("invite").click()
    fill(page, **{"invitation-note": f"{name}, who annotates"})
    page.get_by_test_id("make-invitation").click()
    link = page.get_by_test_id("invitation-link")
    expect(link).to_contain_text("/welcome#")
    look(page, f"invite-{name}")
    address = link.inner_text()
    page.keyboard.press("Escape")
    look(page, "members")
    return address


def _select_an_object(worker: Worker, project: str) -> None:
    """The next task is to outline objects on one frame; there is no propagation in it."""
    page = worker.page
    page.goto("/")
    expect(page.get_by_test_id("project-card")).to_be_visible()
    look(page, f"home-{worker.name}")
    page.get_by_test_id("project-card").get_by_role("link").click()
    look(page, f"project-{worker.name}")
    page.get_by_test_id("tasks-link").click()
    expect(page.get_by_test_id("task").first).to_have_attribute("data-kind", "select")
    look(page, f"queue-{worker.name}")
    workspace = _take_next(page)
    expect(page.get_by_test_id("task-held")).to_contain_text("Select objects")
    expect(page.get_by_test_id("propagate")).to_have_count(0)
    workspace.click(*_ball(0))
    workspace.until(lambda: len(workspace.masks()) == 1, what="a mask after the click")
    page.get_by_test_id("objects").get_by_role("button", name="Object 1").first.dblclick()
    page.keyboard.type("ball")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("objects")).to_contain_text("ball")
    workspace.wait_saved()
    look(page, f"select-{worker.name}")
    _submit(page, project)


def _start_study(page: Page, project: str, *, num_objects: int, people: list[str]) -> None:
    page.goto(f"/projects/{project}")
    page.get_by_test_id("studies-link").click()
    expect(page.get_by_test_id("no-studies")).to_be_visible()
    look(page, "studies-none")
    page.get_by_test_id("new-study").click()
    fill(page, **{"study-name": "Three phases"})
    dialog = page.get_by_test_id("create-study")
    expect(dialog.get_by_role("checkbox")).to_have_count(num_objects + len(people))
    for box in dialog.get_by_role("checkbox").all():
        box.check()
    expect(page.get_by_test_id("balance")).to_contain_text("Balanced")
    look(page, "study-dialog")
    page.get_by_test_id("plan-study").click()
    expect(page.get_by_test_id("study-plan")).to_have_attribute("data-state", "draft")
    look(page, "study-planned")
    page.get_by_test_id("start-study").click()
    expect(page.get_by_test_id("study-plan")).to_have_attribute("data-state", "running")
    look(page, "study-running")


def _do_next_task(worker: Worker, project: str) -> str:
    """One object under the phase that was given with it; which phase that was."""
    page = worker.page
    page.goto(f"/projects/{project}/tasks")
    expect(page.get_by_test_id("task").first).to_be_visible()
    look(page, f"study-queue-{worker.name}")
    workspace = _take_next(page)
    workspace.wait_for("window.maskloom.state.selected")
    phase = workspace.read("window.maskloom.state.replica.masklets.get(window.maskloom.state.selected).phase")
    assert workspace.read("window.maskloom.objects.length") == 1, "nobody else's work is to be seen"
    look(page, f"{phase}-{worker.name}-begun")
    _tools_are_those_of(workspace, phase)
    if phase == "sam_per_frame":
        _annotate_frame_by_frame(workspace)
    else:
        _propagate_and_correct(workspace, refines=phase == "sam2")
    look(page, f"{phase}-{worker.name}-done")
    _submit(page, project)
    return phase


def _tools_are_those_of(workspace: Workspace, phase: str) -> None:
    """Rail, keys and help; what is not in them the server refuses too."""
    page, number = workspace.page, PHASES.index(phase) + 1
    propagates = phase != "sam_per_frame"
    expect(page.get_by_test_id("phase")).to_contain_text(f"Phase {number}")
    expect(page.get_by_test_id("task-held")).to_contain_text("Annotate ball")
    for control in ("propagate", "propagate-forward", "propagate-backward"):
        expect(page.get_by_test_id(control)).to_have_count(1 if propagates else 0)
    expect(page.get_by_test_id("new-object")).to_have_count(0)
    workspace.press("?")
    sheet = page.get_by_test_id("shortcut-sheet")
    expect(sheet).to_be_visible()
    expect(sheet.get_by_text(re.compile("^Propagate"))).to_have_count(4 if propagates else 0)
    if workspace.read("window.maskloom.state.frameIndex") == 0 and not propagates:
        look(page, "help")
    page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)
    if propagates:
        return
    for key in ("t", "Shift+>", "Shift+<"):
        workspace.press(key)
    page.wait_for_timeout(200)
    assert workspace.read("window.maskloom.state.replica.runs.size + window.maskloom.state.queue.length") == 0
    body = {"masklet_ids": [workspace.read("window.maskloom.state.selected")], "start_frame": 0, "direction": "both"}
    refused = page.evaluate(
        "async ([url, key, body]) => { const headers = {'Content-Type': 'application/json', 'Idempotency-Key': key};"
        "return (await fetch(url, {method: 'POST', headers, body: JSON.stringify(body)})).json() }",
        [f"/api/videos/{workspace.video_id}/runs", str(uuid4()), body],
    )
    assert (refused["type"], refused["tool"]) == ("urn:maskloom:problem:phase-forbids", "propagate")


def _annotate_frame_by_frame(workspace: Workspace) -> None:
    for frame_index in ANNOTATED[1:]:
        workspace.step_to(frame_index)
        workspace.click(*_ball(frame_index))
    assert sorted(frame for _, frame in workspace.masks()) == list(ANNOTATED)


def _propagate_and_correct(workspace: Workspace, *, refines: bool) -> None:
    workspace.press("t")
    workspace.wait_run_over()
    runs = "[...window.maskloom.state.replica.runs.values()].map(run => [run.state, run.problem])"
    workspace.until(lambda: len(workspace.masks()) == NUM_FRAMES, what=f"all masks: {workspace.read(runs)}")
    (masklet,) = {masklet for masklet, _ in workspace.masks()}
    workspace.step_to(ANNOTATED[-1])
    tracked = workspace.mask(masklet, ANNOTATED[-1])
    assert tracked is not None
    if not refines:  # a correction is a new mask from scratch: there is nothing to erase from
        workspace.press("e")
        workspace.stroke((40, 140), (140, 140))
        unchanged = workspace.mask(masklet, ANNOTATED[-1])
        assert unchanged is not None
        np.testing.assert_array_equal(unchanged, tracked)
        workspace.press("p")
    workspace.click(*_ball(ANNOTATED[-1]))
    assert workspace.masks()[masklet, ANNOTATED[-1]]["source"] == "prompted"


def _take_next(page: Page) -> Workspace:
    page.keyboard.press("n")
    page.wait_for_url("**/videos/*", timeout=WAIT_MS)
    workspace = Workspace(page, page.url.rsplit("/", 1)[1])
    workspace.wait_for("window.maskloom?.shownFrame !== null && window.maskloom?.state.loaded")
    expect(page.get_by_test_id("task-held")).to_be_visible()
    return workspace


def _submit(page: Page, project: str) -> None:
    page.get_by_test_id("submit-task").click()
    page.wait_for_url(f"**/projects/{project}/tasks", timeout=WAIT_MS)


def _phase_table(page: Page) -> dict[str, list[float]]:
    """What the page says, phase by phase."""
    page.reload()
    table = page.get_by_test_id("phase-table").get_by_role("table")
    expect(table).to_be_visible()

    def figures(of: str) -> list[float]:
        cells = (
            table.get_by_role("row").filter(has=page.get_by_role("rowheader", name=of, exact=True)).get_by_role("cell")
        )
        found = [re.match(r"\d+(?:\.\d{1,2})?", text.strip()) for text in cells.all_inner_texts()]
        return [float(number.group()) if number else 0.0 for number in found]

    return {"masklets": figures("Masklets · videos"), "seconds": figures("Seconds per frame")}


def _ball(frame_index: int) -> tuple[float, float]:
    rows, columns = np.nonzero(draw_frame(frame_index).truth)
    return float(columns.mean()), float(rows.mean())
