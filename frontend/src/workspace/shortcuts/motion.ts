import type { WorkspaceSession } from "../state/session";
import { NO_LANE } from "../sync/replica";
import { laneModel, nextAmong } from "../timeline/laneModel";
import type { WorkspaceShortcuts } from "./shortcut";

/** Below this predicted IoU the model doubts its mask. */
const LOW_IOU = 0.75;

/** Moving through the video. */
export const MOTION = {
  togglePlay: {
    group: "Move",
    chords: ["Space"],
    label: "Play or pause; hold and drag to pan",
    run: ({ player }) => player.toggle(),
  },
  stepBack: { group: "Move", chords: [","], label: "One frame back", run: ({ player }) => player.step(-1) },
  stepOn: { group: "Move", chords: ["."], label: "One frame on", run: ({ player }) => player.step(1) },
  annotatedBack: {
    group: "Move",
    chords: ["ArrowLeft", "D"],
    label: "One annotated frame back",
    run: ({ player }) => player.stepAnnotated(-1),
  },
  annotatedOn: {
    group: "Move",
    chords: ["ArrowRight", "F"],
    label: "One annotated frame on",
    run: ({ player }) => player.stepAnnotated(1),
  },
  tenAnnotatedBack: {
    group: "Move",
    chords: ["Shift+ArrowLeft"],
    label: "Ten annotated frames back",
    run: ({ player }) => player.stepAnnotated(-10),
  },
  tenAnnotatedOn: {
    group: "Move",
    chords: ["Shift+ArrowRight"],
    label: "Ten annotated frames on",
    run: ({ player }) => player.stepAnnotated(10),
  },
  firstFrame: {
    group: "Move",
    chords: ["Home"],
    label: "First frame of the object",
    run: (s) => goToEnd(s, "first"),
  },
  lastFrame: {
    group: "Move",
    chords: ["End"],
    label: "Last frame of the object",
    run: (s) => goToEnd(s, "last"),
  },
  playBackwards: {
    group: "Move",
    chords: ["J"],
    label: "Play backwards; again: faster",
    run: (s) => shuttle(s, -1),
  },
  stop: { group: "Move", chords: ["K"], label: "Stop", run: ({ player }) => player.pause() },
  playFaster: { group: "Move", chords: ["L"], label: "Play; again: faster", run: (s) => shuttle(s, 1) },
  loopFrom: { group: "Move", chords: ["I"], label: "Loop from here", run: (s) => s.view.markLoop("first") },
  loopTo: { group: "Move", chords: ["O"], label: "Loop to here", run: (s) => s.view.markLoop("last") },
  toggleLoop: {
    group: "Move",
    chords: ["Shift+L"],
    label: "Loop on or off",
    run: (s) => s.view.toggleLoop(),
  },
  nextDoubt: {
    group: "Move",
    chords: ["W"],
    label: "Next frame the model doubts",
    run: (s) => goToDoubt(s, 1),
  },
  previousDoubt: {
    group: "Move",
    chords: ["Shift+W"],
    label: "Previous frame the model doubts",
    run: (s) => goToDoubt(s, -1),
  },
} satisfies WorkspaceShortcuts;

const FASTEST = 4;

function shuttle({ player, store }: WorkspaceSession, direction: 1 | -1): void {
  const { playRate } = store.getState();
  const faster = Math.sign(playRate) === direction ? playRate * 2 : direction;
  player.play(Math.min(Math.max(faster, -FASTEST), FASTEST));
}

/** The selected object's first or last visible frame; without one, the video's. */
function goToEnd({ player, store }: WorkspaceSession, end: "first" | "last"): void {
  const { selected, replica, video } = store.getState();
  const model = laneModel((selected === null ? null : replica.lanes.get(selected)) ?? NO_LANE);
  player.seek(model[end] ?? (end === "first" ? 0 : video.numFrames - 1));
}

function goToDoubt({ player, store }: WorkspaceSession, direction: 1 | -1): void {
  const { selected, replica, frameIndex } = store.getState();
  const lane = (selected === null ? null : replica.lanes.get(selected)) ?? NO_LANE;
  const doubtful = [...lane.values()]
    .filter(({ mask }) => mask !== null && mask.area > 0 && (mask.predicted_iou ?? 1) < LOW_IOU)
    .map((frame) => frame.frame_index)
    .sort((a, b) => a - b);
  const next = nextAmong(doubtful, frameIndex, direction);
  if (next !== null) player.seek(next);
}
