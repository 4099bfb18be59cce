import { expect, it } from "vitest";
import { createWorkspaceStore } from "../state/store";
import { makeFrame, makeMask, makePhases } from "../sync/exampleRows";
import { mergeChanges } from "../sync/replica";
import { masksChanged } from "./stageScene";

const video = { id: "v", width: 4, height: 4, numFrames: 10, framesPerSecond: 24, stride: 4 };

function withMaskOn(frameIndex: number) {
  const before = { ...createWorkspaceStore(video, makePhases()).getState(), shownFrame: 2 };
  const frames = [makeFrame({ frame_index: frameIndex, seq: 1, mask: makeMask() })];
  const changes = {
    seq: 1,
    more: false,
    masklets: [],
    frames,
    runs: [],
    history: { undo: null, redo: null, undo_limit: null, redo_limit: null },
  };
  return masksChanged({ ...before, replica: mergeChanges(before.replica, changes) }, before);
}

it("a mask that streams in redraws the stage only when its frame is shown", () => {
  expect(withMaskOn(2)).toBe(true);
  expect(withMaskOn(3)).toBe(false);
});
