import { useMemo } from "react";
import { Link } from "wouter";
import type { FrameMask, ReviewItem, Video } from "@/api/types";
import { Badge } from "@/ui/Badge";
import styles from "./ReviewPage.module.css";
import { ContactSheet } from "./stills/ContactSheet";
import { contactFrames } from "./stills/contactFrames";
import { useCrops } from "./stills/useCrops";

const NUM_STILLS = 18;

interface ReviewSideProps {
  readonly item: ReviewItem;
  readonly video: Video;
  readonly masks: ReadonlyMap<number, FrameMask>;
  readonly shown: number | null;
  readonly onGoTo: (frame: number) => void;
}

/** Beside the player: the masklet's figures and stills. */
export function ReviewSide({ item, video, masks, shown, onGoTo }: ReviewSideProps) {
  const { masklet } = item;
  const sheet = useMemo(
    () => contactFrames(masks, item.worst_frames, NUM_STILLS),
    [masks, item.worst_frames],
  );
  const frames = useMemo(() => sheet.map((frame) => frame.frameIndex), [sheet]);
  const size = useMemo(() => ({ width: video.width ?? 1, height: video.height ?? 1 }), [video]);
  const crops = useCrops({ url: video.proxy_url, size, frames, masks, colorIndex: masklet.color_index });
  return (
    <aside className={styles.side} aria-label="About this masklet">
      <div>
        <h1 className={styles.title}>
          {masklet.name ?? `Masklet ${masklet.number}`}{" "}
          {masklet.origin === "auto" && <Badge tone="accent">automatic</Badge>}
        </h1>
        <p className={styles.subtitle}>
          <Link href={`/videos/${video.id}`}>{item.video_name}</Link>
        </p>
      </div>
      <Earlier item={item} />
      <Stats item={item} />
      <ContactSheet frames={sheet} masks={masks} crops={crops} shown={shown} onGoTo={onGoTo} />
    </aside>
  );
}

/** The verdict before, and what its annotator answered. */
function Earlier({ item }: { readonly item: ReviewItem }) {
  const { earlier, contest } = item;
  if (earlier === null) return null;
  const why = [earlier.reasons.join(", "), earlier.note ?? ""].filter((part) => part !== "").join(": ");
  return (
    <div className={styles.earlier} data-testid="earlier-verdict">
      <p>
        {earlier.verifier_name} found it {earlier.verdict}
        {why === "" ? "." : `: ${why}`}
      </p>
      {contest !== null && (
        <p data-testid="contest-reason">
          <Badge tone="warn">contested</Badge> {contest}
        </p>
      )}
    </div>
  );
}

function Stats({ item }: { readonly item: ReviewItem }) {
  const rows: readonly (readonly [string, string])[] = [
    ["Predicted IoU, mean", numberText(item.mean_predicted_iou, 2)],
    ["Object score, mean", numberText(item.mean_object_score, 1)],
    ["Annotated frames", `${item.num_annotated_frames} of ${item.num_frames}`],
    ["Edited frames", String(item.num_edited_frames)],
  ];
  return (
    <dl className={styles.stats} data-testid="review-stats">
      {rows.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function numberText(value: number | null, digits: number): string {
  return value === null ? "–" : value.toFixed(digits);
}
