"""Each of the moments is told, with what it was about, and nothing is told twice."""

from pathlib import Path
from typing import Any

from tests.backend.datasets.test_export import written
from tests.backend.webhooks.receiver import Receiver
from tests.backend.workplace import Annotator, disk


async def listen(annotator: Annotator, receiver: Receiver, *events: str) -> None:
    body = {"url": receiver.url, "events": list(events)}
    answer = await annotator.client.post(f"/api/projects/{annotator.video.project_id}/webhooks", json=body)
    assert answer.status_code == 201, answer.text


async def upload(annotator: Annotator, name: str, content: bytes) -> str:
    url = f"/api/projects/{annotator.video.project_id}/videos"
    answer = await annotator.client.post(url, params={"filename": name}, content=content)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def contents(receiver: Receiver) -> dict[str, dict[str, Any]]:
    return {message.content["type"]: message.content["data"] for message in receiver.messages}


async def test_videos_that_become_ready_or_cannot(annotator: Annotator, receiver: Receiver, proxy: Path) -> None:
    await listen(annotator, receiver, "video.ready", "video.failed")
    good = await upload(annotator, "good.mp4", proxy.read_bytes())
    bad = await upload(annotator, "bad.mp4", b"this is no video" * 100)
    await receiver.has(2)
    told = contents(receiver)
    assert told["video.ready"]["video"] == {"id": good, "name": "good.mp4"}
    assert told["video.ready"]["url"].endswith(f"/videos/{good}")
    assert told["video.failed"]["video"] == {"id": bad, "name": "bad.mp4"}
    assert told["video.failed"]["problem"]["type"] == "urn:maskloom:problem:unusable-video"


async def test_a_submission_a_verdict_and_datasets(annotator: Annotator, receiver: Receiver) -> None:
    await listen(annotator, receiver, "task.submitted", "verdict.recorded", "export.done", "export.failed")
    masklet = await annotator.create_masklet(name="Taxi <1>")
    await annotator.draw(masklet, 4, disk(100, 100, 30))
    empty = await annotator.create_masklet()
    submitted = await annotator.submit()
    assert submitted.status_code == 200, submitted.text
    await receiver.has(1)
    told = contents(receiver)["task.submitted"]
    assert told["task"]["id"] == submitted.json()["id"]
    assert told["task"]["kind"] == "annotate"
    assert told["masklets"] == [{"id": masklet, "name": "Taxi <1>"}]
    assert told["num_masklets"] == 1, "the empty one was not handed on"
    assert empty not in str(told)

    await annotator.changes()
    judged = await annotator.verdict(masklet, "rejected", reasons=["other"])
    assert judged.status_code == 201, judged.text
    await receiver.has(2)
    told = contents(receiver)["verdict.recorded"]
    assert (told["verdict"]["id"], told["verdict"]["verdict"]) == (judged.json()["id"], "rejected")
    assert told["masklets"] == [{"id": masklet, "name": "Taxi <1>"}]
    assert told["video"]["id"] == str(annotator.video.video_id)

    assert (await written(annotator, only_satisfactory=True))["state"] == "failed"
    await receiver.has(3)
    assert contents(receiver)["export.failed"]["problem"]["type"] == "urn:maskloom:problem:nothing-to-export"


async def test_a_dataset_that_is_written(annotator: Annotator, receiver: Receiver) -> None:
    await listen(annotator, receiver, "export.done")
    await annotator.draw(await annotator.create_masklet(), 4, disk(100, 100, 30))
    export = await written(annotator)
    assert export["state"] == "done"
    (message,) = await receiver.has(1)
    assert message.content["data"]["export"] == {
        "id": export["id"],
        "format": "sa_v",
        "size_bytes": export["size_bytes"],
        "num_videos": 1,
        "num_masklets": 1,
    }
