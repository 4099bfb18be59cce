"""Export formats by name. To add one, add a file beside this one and a line below."""

from backend.datasets.formats.coco import Coco
from backend.datasets.formats.cutout_videos import CutoutVideos
from backend.datasets.formats.cutouts import Cutouts
from backend.datasets.formats.cvat import Cvat
from backend.datasets.formats.davis import Davis
from backend.datasets.formats.format import ExportFormat
from backend.datasets.formats.mose import Mose
from backend.datasets.formats.object_masks import ObjectMasks
from backend.datasets.formats.sa_v import SaV
from backend.datasets.formats.sa_v_val import SaVVal
from backend.datasets.formats.yolo_seg import YoloSeg
from backend.datasets.formats.youtube_vis import YoutubeVis
from backend.datasets.formats.youtube_vos import YoutubeVos

FORMATS: dict[str, ExportFormat] = {
    entry.name: entry
    for entry in (
        SaV(),
        SaVVal(),
        Davis(),
        Mose(),
        YoutubeVos(),
        YoutubeVis(),
        Coco(),
        Cvat(),
        YoloSeg(),
        ObjectMasks(),
        Cutouts(),
        CutoutVideos(),
    )
}
