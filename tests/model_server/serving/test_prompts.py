"""Prompts over HTTP: what is answered, and what is rejected."""

import numpy as np
import pytest

from model_server.masks import rle
from model_server.models.sam2.build import Sam2Segmenter
from tests.clips import HEIGHT, WIDTH, draw_frame
from tests.model_server.serving.conftest import NUM_FRAMES
from tests.model_server.serving.running_server import RunningServer, Tracker, click, mask_of, wait_for


def encoded(mask: np.ndarray) -> dict:
    return {"size": list(mask.shape), "counts": rle.encode(mask)}


def test_a_click_answers_with_a_mask_of_the_videos_size(tracker: Tracker):
    result = tracker.prompt("ball", 5, click(75, 140)).json()
    mask = mask_of(result)
    assert mask.shape == (HEIGHT, WIDTH)
    assert result["area"] == mask.sum() > 0
    assert (result["object_id"], result["frame_index"]) == ("ball", 5)
    assert 0 <= result["stability"] <= 1
    assert result["seconds"] > 0


def test_the_same_prompts_in_a_new_session_give_the_same_bits(tracker: Tracker, server: RunningServer):
    first = tracker.prompt("ball", 5, click(75, 140)).json()
    other = Tracker(server.url, "proxy.mp4", NUM_FRAMES)
    other.open()
    second = other.prompt("ball", 5, click(75, 140)).json()
    assert first["mask"] == second["mask"]
    assert first["predicted_iou"] == second["predicted_iou"]


def test_a_box_and_a_negative_click_are_understood(tracker: Tracker):
    box = {"clicks": [], "box": {"x0": 41, "y0": 106, "x1": 109, "y1": 174}, "mask": None}
    boxed = mask_of(tracker.prompt("ball", 5, box).json())
    corrected_prompt = box | {"clicks": [{"x": 50, "y": 110, "label": "negative"}]}
    corrected = mask_of(tracker.prompt("ball", 5, corrected_prompt).json())
    assert (boxed != corrected).any()


def test_each_reading_of_a_click_can_be_had_and_had_again(tracker: Tracker):
    favourite = tracker.prompt("ball", 5, click(75, 140)).json()
    candidates = [tracker.prompt("ball", 5, click(75, 140) | {"candidate": index}).json() for index in (0, 1, 2)]
    assert [candidate["candidate"] for candidate in candidates] == [0, 1, 2]
    assert len({candidate["mask"]["counts"] for candidate in candidates}) == 3
    assert candidates[favourite["candidate"]]["mask"] == favourite["mask"]
    again = tracker.prompt("ball", 5, click(75, 140) | {"candidate": 1}).json()
    assert again["mask"] == candidates[1]["mask"]


def test_a_box_leaves_nothing_to_choose(tracker: Tracker):
    box = {"clicks": [], "box": {"x0": 41, "y0": 106, "x1": 109, "y1": 174}}
    assert tracker.prompt("ball", 5, box).json()["candidate"] is None


def test_a_mask_prompt_comes_back_as_it_was_given(tracker: Tracker):
    truth = draw_frame(5).truth
    result = tracker.prompt("ball", 5, {"clicks": [], "box": None, "mask": encoded(truth)}).json()
    np.testing.assert_array_equal(mask_of(result), truth)


def test_an_empty_mask_prompt_says_the_object_is_absent(tracker: Tracker):
    empty = encoded(np.zeros((HEIGHT, WIDTH), dtype=bool))
    result = tracker.prompt("ball", 5, {"clicks": [], "box": None, "mask": empty}).json()
    assert result["area"] == 0


def test_a_restore_without_frames_forgets_every_prompt(tracker: Tracker):
    clean = mask_of(tracker.prompt("other", 5, click(75, 140)).json())
    tracker.prompt("ball", 5, {"clicks": [], "box": None, "mask": encoded(draw_frame(30).truth)})
    body = {"epoch": 1, "object_id": "ball", "token": "empty"}
    response = tracker.http.post(f"{tracker.session_url}/restore", json=body)
    assert response.json() == {"restored": 0}
    tracker.tokens["ball"] = "empty"
    np.testing.assert_array_equal(mask_of(tracker.prompt("ball", 5, click(75, 140)).json()), clean)


def test_an_object_restored_to_no_history_is_new_again(tracker: Tracker):
    tracker.prompt("ball", 5, click(75, 140))
    body = {"epoch": 1, "object_id": "ball", "token": ""}
    tracker.http.post(f"{tracker.session_url}/restore", json=body).raise_for_status()
    tracker.tokens.clear()
    assert tracker.prompt("ball", 5, click(75, 140)).status_code == 200


@pytest.mark.parametrize(
    ("frame_index", "prompt", "slug"),
    [
        (NUM_FRAMES, click(75, 140), "frame-out-of-range"),
        (-1, click(75, 140), "malformed-request"),
        (5, click(WIDTH + 1, 140), "point-outside-video"),
        (5, click(75, -0.5), "point-outside-video"),
        (5, {"clicks": [], "box": {"x0": 9, "y0": 0, "x1": 3, "y1": 5}, "mask": None}, "malformed-request"),
        (5, {"clicks": [], "box": None, "mask": {"size": [HEIGHT, WIDTH - 1], "counts": "0"}}, "bad-mask"),
        (5, {"clicks": [], "box": None, "mask": {"size": [HEIGHT, WIDTH], "counts": "zzz"}}, "bad-mask"),
        (5, {"clicks": [], "box": None, "mask": None}, "malformed-request"),
        (5, click(75, 140) | {"mask": {"size": [HEIGHT, WIDTH], "counts": "0"}}, "malformed-request"),
        (5, click(75, 140) | {"surprise": 1}, "malformed-request"),
        (5, click(75, 140) | {"candidate": 3}, "malformed-request"),
        (5, {"box": {"x0": 3, "y0": 0, "x1": 9, "y1": 5}, "candidate": 0}, "malformed-request"),
    ],
)
def test_a_prompt_that_makes_no_sense_is_refused(tracker: Tracker, frame_index: int, prompt: dict, slug: str):
    response = tracker.prompt("ball", frame_index, prompt)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["slug"] == slug
    assert problem["detail"]


def test_a_refused_prompt_leaves_the_objects_history_alone(tracker: Tracker):
    assert tracker.prompt("ball", NUM_FRAMES, click(75, 140)).status_code == 422
    assert tracker.prompt("ball", 5, click(75, 140)).status_code == 200


def test_a_click_on_a_warm_frame_encodes_nothing(
    tracker: Tracker, server: RunningServer, monkeypatch: pytest.MonkeyPatch
):
    segmenter = server.inside.loader.segmenter
    assert isinstance(segmenter, Sam2Segmenter)
    encode, encoded_images = segmenter.network.encode_image, []
    monkeypatch.setattr(
        segmenter.network, "encode_image", lambda image: encoded_images.append(image) or encode(image), raising=True
    )
    tracker.http.post(f"{tracker.session_url}/warm", json={"epoch": 1, "frame_index": 22}).raise_for_status()
    wait_for(lambda: len(encoded_images) == 1)
    assert tracker.prompt("ball", 22, click(75, 140)).status_code == 200
    assert len(encoded_images) == 1
    tracker.prompt("ball", 10, click(75, 140))
    assert len(encoded_images) == 2
