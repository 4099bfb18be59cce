import { describe, expect, it } from "vitest";
import { makeFrame, makeMask, makeMasklet } from "../sync/exampleRows";
import { EMPTY_REPLICA, mergeChanges } from "../sync/replica";
import type { PendingWrite, Write } from "../sync/writes";
import { isWaitingForMask, listedObjects, maskWords, nextNumber, promptsOf, saveStateOf } from "./selectors";
import { createWorkspaceStore, type WorkspaceState } from "./store";

const click = (x: number) => ({ x, y: 0, label: "positive" as const });
const stored = { clicks: [click(1)], box: null };

function makeState(writes: readonly Write[] = []): WorkspaceState {
  const video = { id: "v", width: 4, height: 4, numFrames: 10, framesPerSecond: 24, stride: 4 };
  const replica = mergeChanges(EMPTY_REPLICA, {
    seq: 5,
    more: false,
    masklets: [makeMasklet({ number: 1 }), makeMasklet({ id: "m2", number: 2, name: "dog", deleted: true })],
    frames: [makeFrame({ frame_index: 3, prompts: stored, mask: makeMask({ source: "prompted" }) })],
    runs: [],
    history: { undo: null, redo: null },
  });
  const queue: PendingWrite[] = writes.map((write, i) => ({
    actionId: String(i),
    write,
    state: "waiting",
    basis: "",
  }));
  return { ...createWorkspaceStore(video, "sam2").getState(), replica, queue };
}

const prompting: Write = {
  kind: "prompts",
  object: "m1",
  frameIndex: 3,
  prompts: { clicks: [click(1), click(2)], box: null },
};

describe("what the person sees of a frame", () => {
  it("is the server's state when nothing is on its way", () => {
    expect(promptsOf(makeState(), "m1", 3)).toEqual(stored);
    expect(maskWords(makeState(), "m1", 3)).toBe("from prompts");
    expect(maskWords(makeState(), "m1", 4)).toBe("unknown");
  });

  it("has the newest click at once, and waits for its mask", () => {
    const state = makeState([prompting]);
    expect(promptsOf(state, "m1", 3).clicks).toHaveLength(2);
    expect(isWaitingForMask(state, "m1", 3)).toBe(true);
    expect(isWaitingForMask(state, "m1", 4)).toBe(false);
  });

  it("forgets prompts at once when the frame is cleared", () => {
    const state = makeState([prompting, { kind: "clear", object: "m1", frameIndex: 3 }]);
    expect(promptsOf(state, "m1", 3).clicks).toEqual([]);
    expect(maskWords(state, "m1", 3)).toBe("unknown");
  });
});

describe("the list of objects", () => {
  it("leaves out the deleted, and shows a new name before it is stored", () => {
    expect(listedObjects(makeState()).map(({ name }) => name)).toEqual(["Object 1"]);
    const renamed = makeState([{ kind: "rename", object: "m1", name: "cat" }]);
    expect(listedObjects(renamed).map(({ name }) => name)).toEqual(["cat"]);
    expect(listedObjects(makeState([{ kind: "delete", object: "m1" }]))).toEqual([]);
  });

  it("never gives a number twice, not even a deleted object's", () => {
    expect(nextNumber(makeState())).toBe(3);
  });
});

describe("the saved state", () => {
  it("says saved only when nothing is on its way", () => {
    expect(saveStateOf(makeState())).toEqual({ kind: "saved" });
    expect(saveStateOf(makeState([prompting]))).toEqual({ kind: "saving", waiting: 1 });
    expect(saveStateOf({ ...makeState([prompting]), holdup: "network" })).toEqual({
      kind: "offline",
      waiting: 1,
    });
    expect(saveStateOf({ ...makeState([prompting]), holdup: "server" })).toEqual({
      kind: "held",
      waiting: 1,
    });
  });
});
