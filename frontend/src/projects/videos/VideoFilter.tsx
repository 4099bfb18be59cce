import type { Video } from "@/api/types";
import { STAGE_LABELS, stageCounts, type VideoStage } from "./stages";
import styles from "./VideoFilter.module.css";

interface VideoFilterProps {
  readonly videos: readonly Video[];
  readonly stage: VideoStage;
  readonly onStage: (stage: VideoStage) => void;
  readonly text: string;
  readonly onText: (text: string) => void;
}

/** Chips that narrow the list of videos to one stage. */
export function VideoFilter({ videos, stage, onStage, text, onText }: VideoFilterProps) {
  return (
    <div className={styles.row}>
      <fieldset className={styles.chips} aria-label="Show videos by state">
        {[...stageCounts(videos)].map(([value, count]) => (
          <button
            key={value}
            type="button"
            className={styles.chip}
            aria-pressed={value === stage}
            onClick={() => onStage(value)}
          >
            {STAGE_LABELS[value]}
            <span>{count}</span>
          </button>
        ))}
      </fieldset>
      <input
        type="search"
        className={styles.search}
        placeholder="Filter by name"
        aria-label="Filter videos by name"
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
    </div>
  );
}
