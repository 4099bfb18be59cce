"""Weights without a file: every array follows from its name and shape, so that numbers can be compared exactly.

The rules are those of the golden fixtures, tuned there so that random networks give lively masks: norms near 1, gains
per head, and query and key projections that share a draw where attention should peak at equal places.
"""

import re
import zlib
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from model_server.models.sam2.config import Sam2Config
from model_server.models.sam2.network.sam2 import Sam2
from model_server.training.networks import make

Overrides = Mapping[str, float | list[float]]

MINI_OVERRIDES: Overrides = {
    "sam_mask_decoder.pred_obj_score_head.layers.2.bias": -4.7,
    "sam_mask_decoder.iou_prediction_head.layers.2.bias": [0, -1.2, 2.2, 0.6],
}

_IS_NORM_WEIGHT = re.compile(
    r"(\.norm[^.]*|\.mask_downscaling\.[14]|\.output_upscaling\.1|\.mask_downsampler\.encoder\.(1|4|7|10))\.weight$"
)
_IS_LEARNED_TABLE = re.compile(
    r"(pos_embed|point_embeddings\.\d\.weight|not_a_point_embed\.weight|no_mask_embed\.weight|iou_token\.weight"
    r"|mask_tokens\.weight|obj_score_token\.weight|maskmem_tpos_enc|no_mem_embed|no_mem_pos_enc|no_obj_ptr"
    r"|no_obj_embed_spatial)$"
)
_DECODER_CROSS = r"^sam_mask_decoder\.transformer\.(?!.*self_attn).*"
_GAINS = (
    (r"neck\.convs\.|\.conv_s[01]\.", 0.5),
    (r"mask_downsampler\.encoder\.12\.", 1.5),
    (r"memory_encoder\.out_proj\.|cross_attn_image\.out_proj\.", 0.7),
    (_DECODER_CROSS + r"\.[qk]_proj\.", 2.0),
    (r"(hypernetworks_mlps\.\d|iou_prediction_head|pred_obj_score_head)\.layers\.2\.", 4.0),
    (r"(hypernetworks_mlps\.\d|iou_prediction_head|pred_obj_score_head|obj_ptr_proj)\.layers\.", 1.5),
)


def recipe_network(config: Sam2Config, overrides: Overrides = MINI_OVERRIDES) -> Sam2:
    """A network in evaluation mode, of the class that its configuration is for."""
    network = make(config)
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    arrays = {name: recipe_array(name, shape, overrides) for name, shape in shapes.items()}
    network.load_state_dict({name: torch.from_numpy(np.asarray(array)) for name, array in arrays.items()})
    return network.eval()


def recipe_array(name: str, shape: tuple[int, ...], overrides: Overrides) -> NDArray[np.float32]:
    """One entry of a state dict."""
    if name in overrides:
        return np.array(np.broadcast_to(np.asarray(overrides[name], np.float32), shape))
    shares_query = re.search(r"^memory_attention\..*k_proj\.bias$|" + _DECODER_CROSS + r"k_proj\.", name)
    seed_name = name.replace("k_proj", "q_proj") if shares_query else name
    draw = np.random.RandomState(zlib.crc32(seed_name.encode())).standard_normal(shape)
    return (draw * _scale(name, shape) + _offset(name) if _is_plain(name) else _weight(name, shape, draw)).astype(
        np.float32
    )


def _is_plain(name: str) -> bool:
    return bool(
        _IS_NORM_WEIGHT.search(name)
        or _IS_LEARNED_TABLE.search(name)
        or name.endswith((".bias", ".gamma", "gaussian_matrix", "pos_embed_window"))
    )


def _offset(name: str) -> float:
    if _IS_NORM_WEIGHT.search(name):
        return 1.0
    return 0.5 if name.endswith(".gamma") else 0.0


def _scale(name: str, shape: tuple[int, ...]) -> float:
    if _IS_NORM_WEIGHT.search(name) or name.endswith(".gamma"):
        return 0.1
    if name.endswith("gaussian_matrix"):
        return 1.0
    if re.search(r"^memory_attention\..*[qk]_proj\.bias$", name):
        return float((20 / np.sqrt(shape[0])) ** 0.5)
    if name.endswith(".bias"):
        return 0.05
    return 0.15 if name.endswith("pos_embed_window") else 0.5


def _weight(name: str, shape: tuple[int, ...], draw: NDArray[np.float64]) -> NDArray[np.float64]:
    transposed = "output_upscaling" in name
    if transposed:  # nearly the same over the 2 x 2 kernel, or the masks would be checkerboards
        draw = 0.15 * draw + draw[:, :, :1, :1]
    fan_in = shape[0] if transposed else int(np.prod(shape[1:]))
    gain = next((gain for pattern, gain in _GAINS if re.search(pattern, name)), 1.0)
    return draw * gain / np.sqrt(fan_in)
