import { describe, expect, it } from "vitest";
import { makeFrame, makeMask, makeMasklet, makePhases } from "../sync/exampleRows";
import { EMPTY_REPLICA, mergeChanges } from "../sync/replica";
import type { PendingWrite, Write } from "../sync/writes";
import {
  candidateOf,
  isWaitingForMask,
  listedObjects,
  maskWords,
  nextNumber,
  numRejected,
  promptsOf,
  saveStateOf,
} from "./selectors";
import { createWorkspaceStore, type WorkspaceState } from "./store";

const click = (x: number) => ({ x, y: 0, label: "positive" as const });
const stored = { clicks: [click(1)], box: null, candidate: null };

function makeState(writes: readonly Write[] = [], mask = makeMask({ source: "prompted" })): WorkspaceState {
  const video = { id: "v", width: 4, height: 4, numFrames: 10, framesPerSecond: 24, stride: 4 };
  const replica = mergeChanges(EMPTY_REPLICA, {
    seq: 5,
    more: false,
    masklets: [makeMasklet({ number: 1 }), makeMasklet({ id: "m2", number: 2, name: "dog", deleted: true })],
    frames: [makeFrame({ frame_index: 3, prompts: stored, mask })],
    runs: [],
    history: { undo: null, redo: null, undo_limit: null, redo_limit: null },
  });
  const queue: PendingWrite[] = writes.map((write, i) => ({
    actionId: String(i),
    write,
    state: "waiting",
    basis: "",
  }));
  return { ...createWorkspaceStore(video, makePhases()).getState(), replica, queue };
}

const prompting: Write = {
  kind: "prompts",
  object: "m1",
  frameIndex: 3,
  prompts: { clicks: [click(1), click(2)], box: null, candidate: null },
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

describe("the candidate for a lone click", () => {
  const lone = { clicks: [click(1)], box: null, candidate: null };
  const answered = makeMask({ source: "prompted", candidate: 2 });

  it("is the model's favourite until the person chooses", () => {
    expect(candidateOf(makeState([], answered), "m1", 3)).toBe(2);
    const chosen: Write = {
      kind: "prompts",
      object: "m1",
      frameIndex: 3,
      prompts: { ...lone, candidate: 0 },
    };
    expect(candidateOf(makeState([chosen], answered), "m1", 3)).toBe(0);
  });

  it("is not known before the model has answered", () => {
    const asked: Write = { kind: "prompts", object: "m1", frameIndex: 3, prompts: lone };
    expect(candidateOf(makeState([asked], answered), "m1", 3)).toBeNull();
    expect(candidateOf(makeState(), "m1", 4)).toBeNull();
  });

  it("is nothing to choose for two clicks, a box, or a mask painted over", () => {
    const box = { x0: 0, y0: 0, x1: 2, y1: 2 };
    const boxed: Write = { kind: "prompts", object: "m1", frameIndex: 3, prompts: { ...lone, box } };
    const shape = { runs: [], contours: [] } as never;
    const mask = { size: [4, 4] as [number, number], counts: "" };
    const painted: Write = { kind: "mask", object: "m1", frameIndex: 3, mask, tool: "brush", shape };
    expect(candidateOf(makeState([prompting], answered), "m1", 3)).toBeNull();
    expect(candidateOf(makeState([boxed], answered), "m1", 3)).toBeNull();
    expect(candidateOf(makeState([painted], answered), "m1", 3)).toBeNull();
    expect(candidateOf(makeState([], makeMask({ source: "edited" })), "m1", 3)).toBeNull();
  });
});

describe("the list of objects", () => {
  it("leaves out the deleted, and shows a new name before it is stored", () => {
    expect(listedObjects(makeState()).map(({ name }) => name)).toEqual(["Object 1"]);
    const renamed = makeState([{ kind: "rename", object: "m1", name: "cat" }]);
    expect(listedObjects(renamed).map(({ name }) => name)).toEqual(["cat"]);
    expect(listedObjects(makeState([{ kind: "delete", object: "m1" }]))).toEqual([]);
  });

  it("leaves out automatic masklets that were rejected, until they are wanted", () => {
    const state = makeState();
    const found = makeMasklet({ id: "m9", number: 9, name: "Auto 9", origin: "auto", verdict: "rejected" });
    const own = makeMasklet({ id: "m8", number: 8, name: "Mine", verdict: "rejected" });
    const masklets = new Map([...state.replica.masklets, ["m8", own], ["m9", found]]);
    const with9 = { ...state, replica: { ...state.replica, masklets } };
    expect(listedObjects(with9).map(({ name }) => name)).toEqual(["Object 1", "Mine"]);
    expect(numRejected(with9)).toBe(1);
    const shown = listedObjects({ ...with9, showsRejected: true });
    expect(shown.map(({ name, automatic }) => [name, automatic])).toEqual([
      ["Object 1", false],
      ["Mine", false],
      ["Auto 9", true],
    ]);
  });

  it("never gives a number twice, not even a deleted object's", () => {
    expect(nextNumber(makeState())).toBe(3);
  });
});

describe("the saved state", () => {
  it("does not say saved while a refused edit has not been seen, or the shelf not been read", () => {
    const refusedEdit = { id: "a", write: prompting, message: "no", followers: [] };
    expect(saveStateOf({ ...makeState(), refusedEdits: [refusedEdit] })).toEqual({
      kind: "refused",
      waiting: 0,
      refused: 1,
    });
    expect(saveStateOf({ ...makeState(), shelf: "unread" })).toEqual({ kind: "opening" });
  });

  it("says saved only when nothing is on its way", () => {
    expect(saveStateOf(makeState())).toEqual({ kind: "saved" });
    expect(saveStateOf(makeState([prompting]))).toEqual({ kind: "saving", waiting: 1 });
    expect(saveStateOf({ ...makeState([prompting]), holdup: "network" })).toEqual({
      kind: "offline",
      waiting: 1,
    });
    expect(saveStateOf({ ...makeState([prompting]), holdup: "sign-in" })).toEqual({
      kind: "held",
      waiting: 1,
      because: "sign-in",
    });
  });
});
