"""Small sessions that anyone can play: drawn frames, weights from the recipe, steps in the language of the recordings.

Each family of the released predictor's recordings is here, and what our session does in its own way.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.model_server.golden_scenarios import StoredFrames

HEIGHT, WIDTH = 540, 960
WEIGHTS = {
    "sam_mask_decoder.pred_obj_score_head.layers.2.bias": -3.7,
    "sam_mask_decoder.iou_prediction_head.layers.2.bias": [0, -1.2, 2.2, 0.6],
}
"""With this bias objects are seen on most of the frames below, so that there are logits to compare."""
Step = dict[str, Any]


def frames(num_frames: int) -> StoredFrames:
    """Coloured waves with an ellipse that moves over them, at the network's input size."""
    y, x = np.mgrid[:256, :256].astype(np.float64)
    images: list[NDArray[np.uint8]] = []
    for index in range(num_frames):
        waves = [128 + 60 * np.sin(x / (9 + 4 * c)) * np.cos(y / (13 - 3 * c)) for c in range(3)]
        image = np.stack(waves, axis=-1)
        inside = ((x - 106 - 5 * index) / 24) ** 2 + ((y - 128) / 57) ** 2 <= 1
        image[inside] = (220, 190 - 8 * index, 70)
        images.append(image.astype(np.uint8))
    return StoredFrames(images, HEIGHT, WIDTH)


def click(frame: int, x: float, y: float, label: int = 1, obj: int = 1, **more: Any) -> Step:
    """One click on one frame; `clear_old_points=False` adds it to those before it."""
    return {"op": "add_points", "frame": frame, "obj": obj, "points": [[x, y]], "labels": [label]} | more


def box(frame: int, obj: int = 1, **more: Any) -> Step:
    """A box around the ellipse, roughly."""
    return {"op": "add_points", "frame": frame, "obj": obj, "box": [300, 140, 500, 400]} | more


def mask(frame: int, *, size: tuple[int, int] = (HEIGHT, WIDTH), empty: bool = False) -> Step:
    """An ellipse, given as a mask."""
    scale_y, scale_x = size[0] / HEIGHT, size[1] / WIDTH
    ellipse = [400 * scale_x, 270 * scale_y, 90 * scale_x, 120 * scale_y]
    return {"op": "add_mask", "frame": frame, "obj": 1, "size": size, "ellipses": [] if empty else [ellipse]}


def propagate(**more: Any) -> Step:
    """Carry every object on."""
    return {"op": "propagate"} | more


def scenario(*steps: Step, num_frames: int = 6, config: str = "mini", **overrides: Any) -> Step:
    """A description as the recordings have one; `overrides` are constructor options of the released predictor."""
    return {
        "config": config,
        "model_overrides": overrides,
        "apply_postprocessing": True,
        "weight_overrides": WEIGHTS,
        "video_size_hw": (HEIGHT, WIDTH),
        "num_frames": num_frames,
        "steps": list(steps),
    }


BACK = propagate(start=3, reverse=True)
CORRECTED = (click(0, 400, 270), propagate(), click(4, 520, 270))
SIX_PROMPTS = tuple(click(frame, 400 + 19 * frame, 270) for frame in (0, 2, 3, 5, 7, 9))
REFERENCE: dict[str, Step] = {
    "click": scenario(click(0, 400, 270), propagate()),
    "click_of_2_0": scenario(click(0, 400, 270), propagate(), config="mini-2.0"),
    "negative_click": scenario(click(0, 400, 270, label=0), propagate(), num_frames=3),
    "two_clicks": scenario(click(0, 400, 270), click(0, 700, 400, label=0, clear_old_points=False), propagate()),
    "box": scenario(box(0), propagate()),
    "box_and_click": scenario(box(0, points=[[700, 400]], labels=[0]), propagate()),
    "mask": scenario(mask(0), propagate()),
    "mask_of_another_size": scenario(mask(0, size=(256, 256)), propagate(), num_frames=3),
    "empty_mask": scenario(mask(0, empty=True), propagate(), num_frames=3),
    "mask_then_click": scenario(mask(0), click(0, 400, 150), propagate(), num_frames=3),
    "reverse": scenario(click(5, 520, 270), propagate(start=5, reverse=True)),
    "middle_start": scenario(box(3), propagate(start=3), BACK),
    "start_before_prompt": scenario(click(3, 460, 270), propagate(start=0)),
    "correction": scenario(*CORRECTED, propagate(start=4)),
    "correction_overwritten": scenario(*CORRECTED, propagate()),
    "correction_that_conditions": scenario(*CORRECTED, propagate(), add_all_frames_to_correct_as_cond=True),
    "correction_of_the_first_frame": scenario(click(0, 400, 270), propagate(), click(0, 250, 270, 0), propagate()),
    "correction_clears_memory": scenario(
        *CORRECTED,
        propagate(start=4),
        add_all_frames_to_correct_as_cond=True,
        clear_non_cond_mem_around_input=True,
    ),
    "two_objects": scenario(click(0, 400, 270), box(0, obj=7), propagate()),
    "late_object": scenario(click(0, 400, 270), propagate(max_frames=3), click(2, 700, 400, obj=2), propagate(start=2)),
    "removed_object": scenario(
        click(0, 400, 270),
        box(0, obj=2),
        propagate(max_frames=2),
        {"op": "remove_object", "obj": 1},
        propagate(start=2),
    ),
    "cleared_prompt": scenario(
        click(0, 400, 270),
        click(4, 480, 270),
        propagate(),
        {"op": "clear_prompts", "frame": 4, "obj": 1},
        propagate(start=3),
    ),
    "reset": scenario(click(0, 400, 270), propagate(max_frames=2), {"op": "reset"}, box(1), propagate(), num_frames=4),
    "long_memory": scenario(box(0), propagate(), num_frames=18),
    "few_pointers": scenario(click(0, 400, 270), propagate(), max_obj_ptrs_in_encoder=3),
    "few_memories": scenario(mask(0), propagate(), num_frames=8, num_maskmem=3),
    "stride": scenario(click(0, 400, 270), propagate(), num_frames=10, memory_temporal_stride_for_eval=2),
    "stride_in_reverse": scenario(
        click(9, 560, 270), propagate(start=9, reverse=True), num_frames=10, memory_temporal_stride_for_eval=3
    ),
    "six_prompts": scenario(*SIX_PROMPTS, propagate(), num_frames=10),
    "six_prompts_nearest_3": scenario(*SIX_PROMPTS, propagate(), num_frames=10, max_cond_frames_in_attn=3),
    "non_overlap": scenario(click(0, 400, 270), box(0, obj=7), propagate(), num_frames=4, non_overlap_masks=True),
    "filled_holes": scenario(click(0, 400, 270), propagate(), fill_hole_area=8),
}
OURS = {
    f"ours_{name}": REFERENCE[name] | {"behaviour": "ours"}
    for name in ("two_clicks", "mask", "middle_start", "correction_overwritten", "late_object", "cleared_prompt")
}
SCENARIOS = REFERENCE | OURS
