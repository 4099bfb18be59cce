import type { FrameMask } from "@/api/types";
import { HiddenWords } from "@/ui/HiddenWords";
import { Skeleton } from "@/ui/Skeleton";
import styles from "./ContactSheet.module.css";
import type { ContactFrame } from "./contactFrames";
import type { Crops } from "./useCrops";

interface ContactSheetProps {
  readonly frames: readonly ContactFrame[];
  readonly masks: ReadonlyMap<number, FrameMask>;
  readonly crops: Crops;
  readonly shown: number | null;
  readonly onGoTo: (frame: number) => void;
}

/** Cropped stills of the object over time, those of lowest confidence first. */
export function ContactSheet({ frames, masks, crops, shown, onGoTo }: ContactSheetProps) {
  return (
    <ul className={styles.sheet} aria-label="Stills, worst first" data-testid="contact-sheet">
      {frames.map(({ frameIndex, worst }) => (
        <li key={frameIndex}>
          <button
            type="button"
            className={styles.still}
            data-worst={worst}
            aria-current={shown === frameIndex}
            onClick={() => onGoTo(frameIndex)}
          >
            <Still crop={crops.get(frameIndex)} />
            <span className={styles.caption}>
              <span>
                <HiddenWords>Frame </HiddenWords>
                {frameIndex}
              </span>
              <span>{captionOf(masks.get(frameIndex))}</span>
              {worst && <HiddenWords>low confidence</HiddenWords>}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Still({ crop }: { readonly crop: HTMLCanvasElement | undefined }) {
  if (!crop) return <Skeleton height="100%" />;
  return <div className={styles.picture} ref={(host) => host?.replaceChildren(crop)} />;
}

function captionOf(mask: FrameMask | undefined): string {
  if (!mask) return "";
  if (mask.area === 0) return "absent";
  if (mask.source === "edited" || mask.source === "imported") return mask.source;
  return mask.predicted_iou === null ? "" : mask.predicted_iou.toFixed(2);
}
