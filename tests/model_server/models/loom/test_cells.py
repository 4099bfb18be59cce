"""Cells described from the trunk: masks are carried by them, and nothing else has to see a frame."""

import pytest
import torch
from torch.nn import functional

from model_server.evaluation.vos import iou
from model_server.models.loom import architecture, network
from model_server.models.loom import cells as cells_module
from model_server.models.loom.network import Loom
from model_server.models.loom.trunk.efficientnet_lite import CHANNELS, EfficientNetLite
from model_server.models.loom.trunk.neck import TrunkNeck
from model_server.models.sam2.build import Sam2Segmenter
from model_server.segmenter import Click, FramePrompt
from tests.model_server.models.loom.small_model import placed, small_config
from tests.model_server.models.loom.trunk.published import published_weights
from tests.model_server.moving_disc import MovingDisc, click, run, same
from tests.model_server.recipe_weights import recipe_network

SHARP = {"correspondence.sharpness": 5.0, "prompt_head.keep": 0.25}


@pytest.fixture(params=[True, False], ids=["head", "decoder"])
def model(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Sam2Segmenter:
    """A random neck behind a random trunk; the head or the decoder answers clicks."""
    trunk = EfficientNetLite(published_weights())
    for module in (architecture, network):
        monkeypatch.setattr(module, "trunk_on", lambda _device: trunk)
    config = small_config(correspondence_dim=8, carries_by_trunk=True, answers_by_trunk=bool(request.param))
    return placed(recipe_network(config, SHARP if request.param else {"correspondence.sharpness": 5.0}))


def test_descriptors_have_unit_length_and_follow_what_is_seen() -> None:
    torch.manual_seed(3)
    neck = TrunkNeck(6)
    levels = [torch.rand(1, channels, 32 // 2**k, 32 // 2**k) for k, channels in enumerate(CHANNELS)]
    cells = neck(levels)
    assert cells.shape == (1, 6, 32, 32)
    assert torch.allclose(cells.norm(dim=1), torch.ones(1, 32, 32), atol=1e-5)
    brighter = [level * 3 for level in levels]  # how strong the features are says nothing
    assert torch.allclose(neck(brighter), cells, atol=1e-4)
    assert not torch.allclose(neck([levels[0].flip(3), *levels[1:]]), cells, atol=1e-2)


def test_a_frame_that_masks_are_carried_to_is_seen_by_the_trunk_alone(
    model: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    video = MovingDisc()
    session = model.open(video)

    def encode(*_arguments: object) -> None:
        raise AssertionError("the encoder ran")

    monkeypatch.setattr(model.network.image_encoder, "forward", encode)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    carried = run(session, range(1, 5))
    assert iou(carried[-1].mask, video.disc(4)) > 0.3  # a random neck knows positions and colours at least
    session.warm(7)


def test_what_is_carried_does_not_depend_on_what_was_seen_before(model: Sam2Segmenter) -> None:
    video = MovingDisc()
    fresh, used = model.open(video), model.open(video)
    used.warm(3)
    used.prompt("b", 2, FramePrompt((Click(30, 30, positive=True),)))
    for session in (fresh, used):
        session.prompt("a", 0, click(video, 0))
    assert all(same(one, other) for one, other in zip(run(fresh, range(1, 5)), run(used, range(1, 5)), strict=True))


def test_carried_masks_are_drawn_by_their_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    trunk = EfficientNetLite(published_weights())
    for module in (architecture, network):
        monkeypatch.setattr(module, "trunk_on", lambda _device: trunk)
    config = small_config(correspondence_dim=8, carries_by_trunk=True, draws_outlines=True)
    model = placed(recipe_network(config, {"correspondence.sharpness": 5.0}))
    weigh = model.network.get_submodule("outline.weigh")
    own_cell = functional.one_hot(torch.tensor(4), 9).float().repeat_interleave(16)
    weigh.load_state_dict({"weight": torch.zeros_like(weigh.weight), "bias": own_cell})
    video = MovingDisc()
    session = model.open(video)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    result = session.track("a", 1, "forward")
    shares = (
        torch.as_tensor(result.low_res_logits)[None, None].sigmoid().repeat_interleave(4, 2).repeat_interleave(4, 3)
    )
    drawn = functional.interpolate(shares, size=result.mask.shape, mode="bilinear")[0, 0] > 0.5
    assert drawn.any()
    assert (drawn.numpy() == result.mask).all()


def test_cells_are_forgotten_beyond_a_bound_and_counted(model: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(model.network, Loom)
    one = model.open(MovingDisc())
    one.warm(0)
    of_a_frame = one.memory_bytes()
    assert of_a_frame > 0
    monkeypatch.setattr(cells_module, "MOST_BYTES", 3 * of_a_frame)
    for index in range(8):
        one.warm(index)
    assert one.memory_bytes() == 3 * of_a_frame
    one.drop_caches()
    assert one.memory_bytes() == 0


def test_a_touch_up_needs_no_encoder_either(model: Sam2Segmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    if not model.network.config.answers_by_trunk:
        pytest.skip("the decoder answers clicks from what the encoder made of a frame")
    model.network.get_parameter("prompt_head.keep").data.zero_()
    video, session = MovingDisc(), model.open(MovingDisc())

    def encode(*_arguments: object) -> None:
        raise AssertionError("the encoder ran")

    monkeypatch.setattr(model.network.image_encoder, "forward", encode)
    session.prompt("a", 0, FramePrompt(mask=video.disc(0)))
    session.track("a", 1, "forward")
    at = Click(3.0, 3.0, positive=True)
    assert session.prompt("a", 1, FramePrompt((at,))).mask[3, 3]
