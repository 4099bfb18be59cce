"""Default grids and thresholds of a search, by model.

Released models use SA-V's grids and the released generator's thresholds (SAM 2, section 5.2). The networks trained here
are small; their predicted IoU hardly tells good masks from bad ones and stays below 0.6, so those thresholds would
leave nothing. Measured with the fifth version of the built-in weights on the first frames of four DAVIS clips, with a
16 x 16 grid: predicted IoU over 0.3 and stability from 0.7 leave 34 to 56 masks per frame, and the best IoU with the
clip's object is 0.19, 0.37, 0.61 and 0.53. Predicted IoU over 0.25 leaves 53 to 64 masks, with a better one in only one
of the four clips (0.37).
"""

from backend.autolabel.schemas import AutoLabelingCreate

_SA_V = {"grids": (32, 16, 4), "min_predicted_iou": 0.8, "min_stability": 0.95}
_SMALL = {"grids": (16,), "min_predicted_iou": 0.3, "min_stability": 0.7}
_RELEASED = "hiera_"  # in the names of the eight released networks, and of no others


def settled(options: AutoLabelingCreate, config_name: str) -> AutoLabelingCreate:
    """The options with their null values filled in for this architecture."""
    defaults = _SA_V if _RELEASED in config_name else _SMALL
    return options.model_copy(
        update={name: value for name, value in defaults.items() if getattr(options, name) is None}
    )
