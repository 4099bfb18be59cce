import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ReviewItem, Video } from "@/api/types";
import type { Size } from "@/geometry/points";
import { LoadFailed } from "@/ui/Notice";
import type { FrameRange } from "@/video/frameRange";
import { knownMasks, videoFramesQuery } from "./maskletFrames";
import { cameraPath, type Shot, wholeOf } from "./player/cameraPath";
import { FrameStrip } from "./player/FrameStrip";
import { MaskletPlayer } from "./player/MaskletPlayer";
import { PlayerControls } from "./player/PlayerControls";
import { useLoop } from "./player/useLoop";
import { useVideoSource } from "./player/useVideoSource";
import styles from "./ReviewPage.module.css";
import { ReviewSide } from "./ReviewSide";
import type { Review } from "./useReview";
import { usePlayerKeys } from "./useReviewKeys";
import { useReviewTime } from "./useReviewTime";
import { VerdictBar } from "./VerdictBar";

interface MaskletReviewProps {
  readonly review: Review;
  readonly item: ReviewItem;
  readonly video: Video;
}

/** One masklet under review: player, frame strip, stills, verdict. */
export function MaskletReview({ review, item, video }: MaskletReviewProps) {
  const { masklet } = item;
  const queryClient = useQueryClient();
  const frames = useQuery(videoFramesQuery(queryClient, video.id));
  const masks = useMemo(() => knownMasks(frames.data, masklet.id), [frames.data, masklet.id]);
  const size = useMemo<Size>(() => ({ width: video.width ?? 1, height: video.height ?? 1 }), [video]);
  const range = useMemo(() => rangeOf(masks, video), [masks, video]);
  const shots = useMemo(() => cameraPath(masks, range, size), [masks, range, size]);
  const open = useVideoSource(video.proxy_url);
  const loop = useLoop(open, range, video.fps ? video.fps.num / video.fps.den : 24);
  useReviewTime(video, masklet, loop.frame);
  const [follow, setFollow] = useState(true);
  const [peeking, setPeeking] = useState(false);
  usePlayerKeys({
    togglePlay: loop.togglePlay,
    step: loop.step,
    toggleFollow: () => setFollow(!follow),
    peek: setPeeking,
  });
  const shot: Shot | undefined = follow ? shots[(loop.frame ?? range.first) - range.first] : undefined;
  return (
    <div className={styles.review}>
      <section className={styles.main} aria-label="Masklet">
        {frames.error && !frames.data && (
          <LoadFailed error={frames.error} onRetry={() => void frames.refetch()} />
        )}
        <MaskletPlayer
          video={open}
          size={size}
          loop={loop}
          shot={shot ?? wholeOf(size)}
          mask={loop.frame === null ? null : (masks.get(loop.frame) ?? null)}
          look={{ colorIndex: masklet.color_index, number: masklet.number }}
          maskHidden={peeking}
        />
        <PlayerControls loop={loop} range={range} follow={follow} onFollow={setFollow} />
        <FrameStrip
          masks={masks}
          range={range}
          worstFrames={item.worst_frames}
          frame={loop.frame}
          onGoTo={loop.goTo}
        />
        <VerdictBar
          review={review}
          frame={loop.frame}
          suspect={loop.playing ? (item.worst_frames[0] ?? null) : loop.frame}
        />
      </section>
      <ReviewSide item={item} video={video} masks={masks} shown={loop.frame} onGoTo={loop.goTo} />
    </div>
  );
}

/** From the masklet's first known frame to its last; the whole video if none is known. */
function rangeOf(masks: ReadonlyMap<number, unknown>, video: Video): FrameRange {
  const frames = [...masks.keys()];
  return { first: frames[0] ?? 0, last: frames.at(-1) ?? Math.max(0, (video.num_frames ?? 1) - 1) };
}
