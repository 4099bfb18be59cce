import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { fetchChanges } from "@/api/annotation";
import type { FrameMask, FrameState, Id } from "@/api/types";

/** One video's frame states so far, by masklet and frame; `seq` says where to go on from. */
export interface VideoFrames {
  readonly seq: number;
  readonly byMasklet: ReadonlyMap<Id, ReadonlyMap<number, FrameState>>;
}

const NOTHING: VideoFrames = { seq: 0, byMasklet: new Map() };
const PAGE = 1000;

/** Asks only for what changed since the last time: masks of an unchanged masklet travel once. */
export function videoFramesQuery(queryClient: QueryClient, videoId: Id) {
  const queryKey = ["videos", videoId, "frames"] as const;
  return queryOptions({
    queryKey,
    queryFn: async ({ signal }): Promise<VideoFrames> => {
      let frames = queryClient.getQueryData<VideoFrames>(queryKey) ?? NOTHING;
      for (;;) {
        const changes = await fetchChanges(videoId, frames.seq, PAGE, signal);
        frames = merge(frames, changes.seq, changes.frames);
        if (!changes.more) return frames;
      }
    },
    structuralSharing: false,
  });
}

/** Applying the same states twice changes nothing: each carries everything that holds for its frame. */
export function merge(frames: VideoFrames, seq: number, states: readonly FrameState[]): VideoFrames {
  const byMasklet = new Map<Id, Map<number, FrameState>>();
  for (const [id, known] of frames.byMasklet) byMasklet.set(id, new Map(known));
  for (const state of states) {
    const known = byMasklet.get(state.masklet_id) ?? new Map<number, FrameState>();
    byMasklet.set(state.masklet_id, known.set(state.frame_index, state));
  }
  return { seq, byMasklet };
}

/** The frames on which the masklet is known (present or absent), ascending. */
export function knownMasks(frames: VideoFrames | undefined, maskletId: Id): ReadonlyMap<number, FrameMask> {
  const states = [...(frames?.byMasklet.get(maskletId)?.values() ?? [])];
  const known = states.flatMap(({ frame_index, mask }) => (mask ? [[frame_index, mask] as const] : []));
  return new Map(known.sort(([a], [b]) => a - b));
}
