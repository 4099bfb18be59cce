"""The decoder's ends meet: the loss falls by training nothing but what it names, and tokens are pulled to the click."""

import torch

from model_server.models.sam2.config import PRESETS
from model_server.models.sam2.network.normalisation import normalise
from model_server.models.sam2.network.prediction import ImageFeatures
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.clips.generator import ClipGenerator, ClipShape
from model_server.training.objectives.decoder_match import (
    CLICKS,
    _clicks,
    _distance,
    matching_loss,
    pooled_token_loss,
    token_loss,
)
from model_server.training.objectives.losses import BALANCED
from model_server.training.start.initialisation import initialise, standardise


def network() -> Sam2:
    torch.manual_seed(0)
    fresh = Sam2(PRESETS["mini"])
    initialise(fresh)
    return fresh.train()


def test_clicks_fall_on_their_objects() -> None:
    truth = torch.zeros(1, 2, 8, 8, dtype=torch.bool)
    truth[0, 0, 2, 3:5], truth[0, 1, 6, 6] = True, True
    cells = _clicks(truth, torch.Generator().manual_seed(0))
    assert cells.shape == (1, 2 * CLICKS)
    assert set(cells[0, :CLICKS].tolist()) <= {2 * 8 + 3, 2 * 8 + 4}
    assert set(cells[0, CLICKS:].tolist()) == {6 * 8 + 6}


def test_distance_is_in_sides_of_the_frame() -> None:
    distance = _distance(torch.tensor([[0]]), 4)[0, 0].unflatten(0, (4, 4))
    assert distance[0, 0] == 0
    assert distance[0, 2] == 0.5
    assert distance[3, 0] == 0.75


def test_the_ends_learn_one_image_without_the_transformer() -> None:
    model = network()
    batch = ClipGenerator(seed=0, num_surfaces=4).batch(0, ClipShape(1, 1, 2, 128))
    frames = normalise(batch.frames[:, 0])
    standardise(model, frames)
    optimiser = torch.optim.AdamW(model.parameters(), lr=2e-3)
    before = {name: value.clone() for name, value in model.named_parameters()}
    ious = []
    for step in range(40):
        generator = torch.Generator().manual_seed(step)
        loss, iou = matching_loss(model, model.encode_image(frames), batch.masks[:, 0], BALANCED, generator)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        ious.append(iou)
    assert sum(ious[-5:]) > 1.5 * sum(ious[:5])
    moved = {name for name, value in model.named_parameters() if value.grad is not None and value.grad.abs().sum() > 0}
    assert not any("attn" in name and name.startswith("sam_mask_decoder.transformer.layers") for name in moved)
    assert not torch.equal(before["sam_mask_decoder.conv_s0.weight"], model.sam_mask_decoder.conv_s0.weight)


def test_tokens_that_hold_the_clicked_feature_cost_nothing() -> None:
    model = network()
    decoder, frame = model.sam_mask_decoder, torch.randn(2, model.config.d_model, 4, 4)
    points = torch.tensor([[[8.0 - 0.5, 8.0 - 0.5]], [[56.0 - 0.5, 24.0 - 0.5]]])  # middles of cells (0, 0) and (3, 1)
    image = frame + model.sam_prompt_encoder.embed_no_mask()
    clicked = torch.stack([image[0, :, 0, 0], image[1, :, 1, 3]])[:, None]
    tokens = decoder.transformer.norm_final_attn(clicked + decoder.mask_tokens.weight)
    assert token_loss(model, frame, points, tokens).max() < 1e-8
    assert token_loss(model, frame, points, tokens.flip(0)).min() > 0.1
    assert token_loss(model, frame, points, tokens).requires_grad


def test_tokens_that_hold_the_objects_mean_feature_cost_nothing_and_absent_objects_never_do() -> None:
    model = network()
    decoder, width = model.sam_mask_decoder, model.config.d_model
    features = ImageFeatures(torch.randn(2, width, 4, 4), torch.zeros(2, width // 4, 8, 8), torch.zeros(2, 1, 16, 16))
    truth = torch.zeros(2, 64, 64, dtype=torch.bool)
    truth[0, :16, :32] = True  # cells (0, 0) and (0, 1)
    image = features.stride16 + model.no_mem_embed[..., None].transpose(1, 2)
    mean = (image + model.sam_prompt_encoder.embed_no_mask())[:, :, 0, :2].mean(dim=2)
    tokens = decoder.transformer.norm_final_attn(mean[:, None] + decoder.mask_tokens.weight)
    distance = pooled_token_loss(model, features, truth, tokens)
    assert distance[0] < 1e-8
    assert pooled_token_loss(model, features, truth, tokens.flip(0))[0] > 0.1
    assert pooled_token_loss(model, features, truth, tokens + 1)[1] == 0
