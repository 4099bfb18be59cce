"""Checkpoints under the names transformers gives them."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from model_server.models.problems import Corrupt, WrongArchitecture
from model_server.models.sam2.checkpoints.checkpoint import load
from model_server.models.sam2.checkpoints.huggingface import to_released
from model_server.models.sam2.config import PRESETS, Sam2Config
from model_server.models.sam2.memory import MemoryRules
from model_server.models.sam2.network.sam2 import Sam2
from model_server.models.sam2.tracking.session import REFERENCE_BEHAVIOUR, Sam2Session, SessionOptions
from model_server.segmenter import Click, FramePrompt
from tests.model_server.golden_scenarios import StoredFrames
from tests.model_server.models.sam2.checkpoints.huggingface_names import to_huggingface
from tests.model_server.recipe_weights import MINI_OVERRIDES, recipe_network

TRANSFORMERS_MANIFESTS = {
    "sam2.1_hiera_tiny": (469, "f64f43ec8a9510fdfc08ffac961fe469c8d6dc51e499a67e1d5a570f9abc6828"),
    "sam2_hiera_tiny": (466, "8287971ea8f51dbd279f3b96fac709907aa2ee164d3181c7554dc49fca2d8f82"),
}
"""Preset: entries of `Sam2VideoModel`'s state dict in transformers 5.23, SHA-256 of its sorted `name: shape` lines."""
CONFIG = PRESETS["mini"]
VISIBLE = {**MINI_OVERRIDES, "sam_mask_decoder.pred_obj_score_head.layers.2.bias": 4.0}


@pytest.fixture(scope="module")
def network() -> Sam2:
    return recipe_network(CONFIG, VISIBLE)


@pytest.mark.parametrize("preset", TRANSFORMERS_MANIFESTS)
def test_the_names_are_those_of_transformers(preset: str) -> None:
    with torch.device("meta"):
        names = to_huggingface(Sam2(PRESETS[preset]).state_dict())
    lines = sorted(f"{name}: {list(value.shape)}" for name, value in names.items())
    found = (len(lines), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    assert found == TRANSFORMERS_MANIFESTS[preset]


@pytest.mark.parametrize("suffix", [".safetensors", ".pt", ".bin"])
def test_every_tensor_finds_its_released_name(network: Sam2, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    tensors = {name: value.contiguous() for name, value in to_huggingface(network.state_dict()).items()}
    if suffix == ".safetensors":
        save_file(tensors, path)
    else:
        torch.save(tensors, path)
    checkpoint = load(path)
    assert checkpoint.network.config == CONFIG
    loaded = checkpoint.network.state_dict()
    assert all(torch.equal(value, loaded[name]) for name, value in network.state_dict().items())


def test_a_file_with_one_of_the_two_position_tables_loads(network: Sam2, tmp_path: Path) -> None:
    tensors = to_huggingface(network.state_dict())
    del tensors["shared_image_embedding.positional_embedding"]
    save_file(tensors, tmp_path / "model.safetensors")
    assert load(tmp_path / "model.safetensors").network.config == CONFIG


def test_two_position_tables_that_differ_are_refused(network: Sam2, tmp_path: Path) -> None:
    tensors = to_huggingface(network.state_dict())
    tensors["shared_image_embedding.positional_embedding"] += 1
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(Corrupt, match="two different tensors"):
        load(tmp_path / "model.safetensors")


def test_an_image_model_is_refused_as_one_without_a_memory(network: Sam2, tmp_path: Path) -> None:
    encoder_and_decoder = ("vision_encoder.", "prompt_encoder.", "mask_decoder.", "shared_image", "no_memory_embedding")
    tensors = to_huggingface(network.state_dict())
    save_file(
        {name: value for name, value in tensors.items() if name.startswith(encoder_and_decoder)}, tmp_path / "image.st"
    )
    with pytest.raises(WrongArchitecture, match="a network for images alone"):
        load(tmp_path / "image.st")


def test_the_same_weights_track_the_same_masks_as_in_transformers(tmp_path: Path) -> None:
    """A click and four propagated frames; the peer writes the file that we read."""
    transformers = pytest.importorskip("transformers", reason="transformers, the peer, is not installed")
    config = replace(CONFIG, d_model=128, mem_dim=64)  # the peer knows no other memory width
    peer = transformers.Sam2VideoModel(peer_config(transformers, config)).eval()
    peer.load_state_dict(to_huggingface(recipe_network(config, VISIBLE).state_dict()), strict=True)
    peer.save_pretrained(tmp_path)
    ours = Sam2(config).eval()
    ours.load_state_dict(to_released(load_file(tmp_path / "model.safetensors")), strict=True)

    rng = np.random.default_rng(7)
    side = config.image_size
    noise = torch.from_numpy(rng.standard_normal((5, 3, 16, 16))).float()
    video = torch.nn.functional.interpolate(noise, (side, side), mode="bicubic")
    images = ((video * 0.2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()

    rules = MemoryRules(config.memory_slots, config.max_object_pointers)
    tracking = Sam2Session(ours, StoredFrames(list(images), side, side), SessionOptions(rules, REFERENCE_BEHAVIOUR))
    x, y = 97.0, 120.0
    low_res = [tracking.prompt("a", 0, FramePrompt(clicks=(Click(x, y, positive=True),))).low_res_logits]
    low_res += [tracking.track("a", frame, "forward").low_res_logits for frame in range(1, 5)]

    for frame, (mine, theirs) in enumerate(zip(low_res, peer_masks(peer, images, (x, y)), strict=True)):
        assert np.abs(mine).max() < 1000, "the object is lost: nothing is compared"
        assert np.abs(mine - theirs).max() < 1e-3 * np.abs(theirs).max(), f"frame {frame}"


def peer_config(transformers: Any, config: Sam2Config) -> Any:
    """The same network in transformers' words."""
    widths = [config.embed_dim << stage for stage in range(4)]
    side, d_model = config.image_size, config.d_model
    backbone = transformers.Sam2HieraDetConfig(
        hidden_size=config.embed_dim,
        image_size=[side, side],
        blocks_per_stage=list(config.stages),
        embed_dim_per_stage=widths,
        num_attention_heads_per_stage=[config.num_heads << stage for stage in range(4)],
        window_size_per_stage=list(config.window_sizes),
        global_attention_blocks=list(config.global_attention_blocks),
        window_positional_embedding_background_size=list(config.background_grid),
    )
    vision = transformers.Sam2VisionConfig(
        backbone_config=backbone.to_dict(),
        backbone_channel_list=widths[::-1],
        backbone_feature_sizes=[[side // stride, side // stride] for stride in (4, 8, 16)],
        fpn_hidden_size=d_model,
    )
    return transformers.Sam2VideoConfig(
        vision_config=vision.to_dict(),
        prompt_encoder_config={"hidden_size": d_model, "image_size": side},
        mask_decoder_config={"hidden_size": d_model},
        image_size=side,
        num_maskmem=config.memory_slots,
        memory_attention_hidden_size=d_model,
        memory_attention_num_layers=config.memory_layers,
        memory_attention_feed_forward_hidden_size=config.memory_mlp_dim,
        memory_attention_rope_feat_sizes=[side // 16, side // 16],
        memory_encoder_hidden_size=d_model,
        memory_encoder_output_channels=config.mem_dim,
        mask_downsampler_embed_dim=d_model,
        memory_fuser_embed_dim=d_model,
        memory_fuser_intermediate_dim=4 * d_model,
    )


@torch.inference_mode()
def peer_masks(peer: Any, images: np.ndarray, click: tuple[float, float]) -> list[np.ndarray]:
    """The logits of each frame at the decoder's resolution."""
    from transformers.models.sam2_video.modeling_sam2_video import Sam2VideoInferenceSession

    mean, std = (torch.tensor(values).view(3, 1, 1) for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    pixels = (torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - mean) / std
    side = images.shape[1]
    session = Sam2VideoInferenceSession(video=pixels, video_height=side, video_width=side, dtype=torch.float32)
    index = session.obj_id_to_idx(1)
    points = {"point_coords": torch.tensor([[[list(click)]]]), "point_labels": torch.tensor([[[1]]], dtype=torch.int32)}
    session.add_point_inputs(index, 0, points)
    session.obj_with_new_inputs = [1]
    return [peer(session, frame_idx=frame).pred_masks[0, 0].numpy() for frame in range(len(images))]
