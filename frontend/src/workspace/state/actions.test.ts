import { beforeEach, describe, expect, it } from "vitest";
import { videoPoint } from "@/geometry/points";
import { makeFrame, makeMask, makeMasklet, makePhases } from "../sync/exampleRows";
import { mergeChanges } from "../sync/replica";
import type { Write } from "../sync/writes";
import { Actions, type WorkspaceParts } from "./actions";
import { createWorkspaceStore, type WorkspaceStore } from "./store";

const video = { id: "v", width: 40, height: 30, numFrames: 10, framesPerSecond: 24, stride: 4 };
const first = { x: 5, y: 6, label: "positive" as const };

let store: WorkspaceStore;
let sent: Write[];
let actions: Actions;

/** A click on frame 0 that the model has answered with reading 2; what is added to the outbox counts as queued. */
beforeEach(() => {
  store = createWorkspaceStore(video, makePhases());
  sent = [];
  const prompts = { clicks: [first], box: null, candidate: null };
  const frames = [makeFrame({ prompts, mask: makeMask({ source: "prompted", candidate: 2 }) })];
  const history = { undo: null, redo: null };
  store.setState(({ replica }) => ({
    selected: "m1",
    shownFrame: 0,
    replica: mergeChanges(replica, {
      seq: 2,
      more: false,
      masklets: [makeMasklet()],
      frames,
      runs: [],
      history,
    }),
  }));
  const outbox = {
    add: (write: Write) => {
      sent.push(write);
      const pending = { actionId: String(sent.length), write, state: "waiting" as const, basis: "" };
      store.setState(({ queue }) => ({ queue: [...queue, pending] }));
    },
  };
  const still = { pause: () => {}, note: () => {}, attend: () => {} };
  actions = new Actions({ store, outbox, player: still, activity: still } as unknown as WorkspaceParts);
});

function candidates(): (number | null | undefined)[] {
  return sent.map((write) => (write.kind === "prompts" ? write.prompts.candidate : undefined));
}

describe("cycling through the readings of a click", () => {
  it("goes round from the one that is shown, without waiting for answers", () => {
    actions.cycleReading(1);
    actions.cycleReading(1);
    actions.cycleReading(1);
    actions.cycleReading(-1);
    expect(candidates()).toEqual([0, 1, 2, 1]);
    expect(sent[0]).toMatchObject({ object: "m1", frameIndex: 0, prompts: { clicks: [first], box: null } });
  });

  it("asks for nothing when the reading is shown already, or nothing is selected", () => {
    actions.chooseReading(2);
    store.setState({ selected: null });
    actions.cycleReading(1);
    expect(sent).toEqual([]);
  });

  it("ends with a second click, which refines what was chosen", () => {
    actions.cycleReading(1);
    actions.perform({ kind: "click", at: videoPoint(9, 9), positive: false });
    actions.cycleReading(1);
    expect(candidates()).toEqual([0, 0]);
    actions.removeLastPoint();
    actions.cycleReading(1);
    expect(candidates()).toEqual([0, 0, 0, 1]);
  });

  it("is forgotten with a box", () => {
    actions.cycleReading(1);
    actions.perform({ kind: "box", box: { x0: 1, y0: 1, x1: 20, y1: 20 } });
    expect(candidates()).toEqual([0, null]);
  });
});
