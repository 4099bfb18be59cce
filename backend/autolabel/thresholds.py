"""What is asked and kept where a person left it to the model.

Released models: SA-V's grids and the released generator's thresholds (SAM 2, section 5.2). The networks trained here
are small; their predicted IoU hardly tells good from bad masks and stayed below 0.6, so that those thresholds leave
nothing. Measured with the built-in weights' fifth version on the first frames of four DAVIS clips with a 16 x 16 grid:
predicted IoU over 0.3 and stability from 0.7 leave 34 to 56 masks a frame; the best of them overlaps the clip's object
by 0.19, 0.37, 0.61 and 0.53. Over 0.25 it would be 53 to 64 masks, and a better one in one of the four (0.37).
"""

from backend.autolabel.schemas import AutoLabelingCreate

_SA_V = {"grids": (32, 16, 4), "min_predicted_iou": 0.8, "min_stability": 0.95}
_SMALL = {"grids": (16,), "min_predicted_iou": 0.3, "min_stability": 0.7}
_RELEASED = "hiera_"  # in the names of the eight released networks, and of none of ours


def settled(options: AutoLabelingCreate, config_name: str) -> AutoLabelingCreate:
    """The options with nothing left open, for a model of this architecture."""
    defaults = _SA_V if _RELEASED in config_name else _SMALL
    return options.model_copy(
        update={name: value for name, value in defaults.items() if getattr(options, name) is None}
    )
