import { beforeEach, describe, expect, it } from "vitest";
import { videoPoint } from "@/geometry/points";
import { useToasts } from "@/ui/toasts";
import api from "../../../openapi.json";
import { makeFrame, makeMask, makeMasklet, makePhases, makeTask } from "../sync/exampleRows";
import { mergeChanges } from "../sync/replica";
import type { Write } from "../sync/writes";
import { Actions, type WorkspaceParts } from "./actions";
import { createWorkspaceStore, type WorkspaceStore } from "./store";

const video = { id: "v", width: 40, height: 30, numFrames: 10, framesPerSecond: 24, stride: 4 };
const first = { x: 5, y: 6, label: "positive" as const };

const { schemas } = api.components;
let store: WorkspaceStore;
let sent: Write[];
let actions: Actions;

/** A click on frame 0 that the model has answered with candidate 2; what is added to the outbox counts as queued. */
beforeEach(() => {
  store = createWorkspaceStore(video, makePhases());
  sent = [];
  const prompts = { clicks: [first], box: null, candidate: null };
  const frames = [makeFrame({ prompts, mask: makeMask({ source: "prompted", candidate: 2 }) })];
  const history = { undo: null, redo: null, undo_limit: null, redo_limit: null };
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
      return pending.actionId;
    },
  };
  const still = { pause: () => {}, note: () => {}, attend: () => {} };
  actions = new Actions({ store, outbox, player: still, activity: still } as unknown as WorkspaceParts);
});

function candidates(): (number | null | undefined)[] {
  return sent.map((write) => (write.kind === "prompts" ? write.prompts.candidate : undefined));
}

describe("locking frames", () => {
  const here = { kind: "lock", object: "m1", first: 0, last: 0 };

  it("toggles the frame on the stage, at once and before the server has answered", () => {
    actions.toggleLock();
    actions.toggleLock();
    expect(sent).toEqual([
      { ...here, locked: true },
      { ...here, locked: false },
    ]);
  });

  it("locks the marked range where any of it is open, and unmarks it", () => {
    store.setState({ range: { first: 0, last: 3 } });
    actions.toggleLock();
    store.setState({ range: { first: 2, last: 5 } });
    actions.toggleLock();
    store.setState({ range: { first: 1, last: 4 } });
    actions.toggleLock();
    expect(sent.map((write) => write.kind === "lock" && [write.first, write.last, write.locked])).toEqual([
      [0, 3, true],
      [2, 5, true],
      [1, 4, false],
    ]);
    expect(store.getState().range).toBeNull();
  });

  it("sends no edit of a locked frame and says so", () => {
    actions.toggleLock();
    actions.perform({ kind: "click", at: videoPoint(9, 9), positive: true });
    actions.perform({ kind: "stroke", points: [videoPoint(9, 9)], erases: false });
    actions.markAbsent();
    actions.clearFrame();
    actions.removeLastPoint();
    expect(sent.map(({ kind }) => kind)).toEqual(["lock"]);
    expect(useToasts.getState().toasts.at(-1)?.message).toBe("Object 1 is locked on frame 0");
  });

  it("does nothing without a selected object", () => {
    store.setState({ selected: null });
    actions.toggleLock();
    expect(sent).toEqual([]);
  });
});

describe("cycling through the candidates for a click", () => {
  it("goes round from the one that is shown, without waiting for answers", () => {
    actions.cycleCandidate(1);
    actions.cycleCandidate(1);
    actions.cycleCandidate(1);
    actions.cycleCandidate(-1);
    expect(candidates()).toEqual([0, 1, 2, 1]);
    expect(sent[0]).toMatchObject({ object: "m1", frameIndex: 0, prompts: { clicks: [first], box: null } });
  });

  it("asks for nothing when the candidate is shown already, or nothing is selected", () => {
    actions.chooseCandidate(2);
    store.setState({ selected: null });
    actions.cycleCandidate(1);
    expect(sent).toEqual([]);
  });

  it("ends with a second click, which refines what was chosen", () => {
    actions.cycleCandidate(1);
    actions.perform({ kind: "click", at: videoPoint(9, 9), positive: false });
    actions.cycleCandidate(1);
    expect(candidates()).toEqual([0, 0]);
    actions.removeLastPoint();
    actions.cycleCandidate(1);
    expect(candidates()).toEqual([0, 0, 0, 1]);
  });

  it("is forgotten with a box", () => {
    actions.cycleCandidate(1);
    actions.perform({ kind: "box", box: { x0: 1, y0: 1, x1: 20, y1: 20 } });
    expect(candidates()).toEqual([0, null]);
  });
});

describe("a part of the prompts that this code does not know", () => {
  it("goes along with every edit of the others", () => {
    const prompts = { clicks: [first], box: null, candidate: null, text: "a dog" };
    const frame = makeFrame({ seq: 3, prompts, mask: makeMask({ source: "prompted", candidate: 2 }) });
    store.setState(({ replica }) => ({
      replica: { ...replica, lanes: new Map([["m1", new Map([[0, frame]])]]) },
    }));
    actions.chooseCandidate(1);
    actions.perform({ kind: "click", at: videoPoint(9, 9), positive: true });
    actions.perform({ kind: "box", box: { x0: 1, y0: 1, x1: 20, y1: 20 } });
    actions.removeLastPoint();
    expect(sent).toHaveLength(4);
    for (const write of sent) expect(write).toMatchObject({ prompts: { text: "a dog" } });
  });
});

describe("a message that is still on the screen", () => {
  const press = () => useToasts.getState().toasts.at(-1)?.action?.run();

  it("undoes its own deletion and nothing else, whatever was done since", () => {
    actions.deleteObject("m1");
    const undo = useToasts.getState().toasts.at(-1)?.action;
    actions.perform({ kind: "click", at: videoPoint(1, 1), positive: true });
    undo?.run();
    expect(sent.at(-1)).toEqual({ kind: "undo", step: "1" });
  });

  it("undoes nothing once the object is back, and says so", () => {
    actions.deleteObject("m1");
    const undo = useToasts.getState().toasts.at(-1)?.action;
    store.setState({ queue: [] }); // as after Ctrl+Z
    undo?.run();
    expect(sent.map(({ kind }) => kind)).toEqual(["delete"]);
    expect(useToasts.getState().toasts.at(-1)?.message).toBe("Object 1 is back already");
  });

  it("unlocks the frame that it named", () => {
    const frame = makeFrame({ mask: makeMask({}), locked: true });
    store.setState(({ replica }) => ({
      replica: { ...replica, lanes: new Map([["m1", new Map([[0, frame]])]]) },
    }));
    actions.markAbsent();
    store.setState({ shownFrame: 3, frameIndex: 3, selected: null });
    press();
    expect(sent).toEqual([{ kind: "lock", object: "m1", first: 0, last: 0, locked: false }]);
  });
});

it("undo says why it stops instead of taking back what is not one's own", () => {
  const limit = "Ben changed Object 1 after you; undo stops there.";
  store.setState(({ replica }) => ({
    replica: { ...replica, history: { ...replica.history, undo_limit: limit } },
  }));
  actions.step("undo");
  expect(sent).toEqual([]);
  expect(useToasts.getState().toasts.at(-1)?.message).toBe(limit);
});

describe("a held task", () => {
  function hold(overrides: Parameters<typeof makeTask>[0]) {
    const claimed = { task: makeTask(overrides), lease: "t1/3", renew_seconds: 30 };
    store.setState({ lease: { at: "held", claimed, held: [claimed] } });
  }

  it("about one object keeps that in hand, whatever is deselected or begun", () => {
    hold({ masklet_id: "m1" });
    actions.select(null);
    actions.newObject();
    actions.perform({ kind: "click", at: videoPoint(1, 1), positive: true });
    expect(store.getState().selected).toBe("m1");
    expect(sent.map(({ kind }) => kind)).toEqual(["prompts"]);
  });

  it("about the whole video lets the next click begin an object", () => {
    hold({ masklet_id: null });
    actions.select(null);
    actions.perform({ kind: "click", at: videoPoint(1, 1), positive: true });
    expect(sent.map(({ kind }) => kind)).toEqual(["create", "prompts"]);
  });

  it("that selects objects carries none through the video", () => {
    hold({ kind: "select" });
    actions.propagate("both");
    expect(sent).toEqual([]);
  });
});

describe("the bounds of an edit", () => {
  it("takes at most as many points as the server does, and says so", () => {
    const limit = schemas.PromptSetWrite.properties.clicks.maxItems;
    const clicks = Array.from({ length: limit }, () => first);
    const frames = [makeFrame({ seq: 3, prompts: { clicks, box: null, candidate: null }, mask: makeMask() })];
    store.setState(({ replica }) => ({
      replica: { ...replica, lanes: new Map([["m1", new Map(frames.map((frame) => [0, frame]))]]) },
    }));
    actions.perform({ kind: "click", at: videoPoint(9, 9), positive: true });
    expect(sent).toEqual([]);
    expect(useToasts.getState().toasts.at(-1)?.message).toBe(
      `A frame takes at most ${limit} points. Draw the rest with the brush.`,
    );
  });

  it("makes no object of a stroke beside the picture", () => {
    store.setState({ selected: null });
    actions.perform({ kind: "stroke", points: [videoPoint(-50, -50)], erases: false });
    expect(sent).toEqual([]);
    expect(store.getState().drafts).toEqual([]);
  });
});

describe("a click on what was painted", () => {
  beforeEach(() => useToasts.setState({ toasts: [] }));

  function clickOnPainting() {
    store.setState({ shownFrame: 5 });
    actions.perform({ kind: "stroke", points: [videoPoint(9, 9), videoPoint(12, 9)], erases: false });
    actions.perform({ kind: "click", at: videoPoint(4, 4), positive: true });
    return useToasts.getState().toasts[0];
  }

  it("says that the painting is replaced, and takes the click back and nothing else", () => {
    actions.perform({ kind: "click", at: videoPoint(3, 3), positive: true });
    expect(useToasts.getState().toasts).toHaveLength(0);
    const toast = clickOnPainting();
    expect(toast?.message).toContain("what was painted here is replaced");
    actions.deleteObject("m1");
    toast?.action?.run();
    expect(sent.map(({ kind }) => kind)).toEqual(["prompts", "mask", "prompts", "delete", "undo"]);
    expect(sent.at(-1)).toEqual({ kind: "undo", step: "3" });
  });

  it("leaves the painting alone that is back already, and says so", () => {
    const toast = clickOnPainting();
    store.setState(({ queue }) => ({ queue: queue.slice(0, 1) })); // as after Ctrl+Z
    toast?.action?.run();
    expect(sent.map(({ kind }) => kind)).toEqual(["mask", "prompts"]);
    expect(useToasts.getState().toasts.at(-1)?.message).toBe("What was painted is back already");
  });
});

describe("propagating", () => {
  it("from an end of the video outwards says that nothing lies there", () => {
    useToasts.setState({ toasts: [] });
    actions.propagate("backward");
    expect(sent).toEqual([]);
    expect(useToasts.getState().toasts[0]?.message).toBe("Nothing to carry to: this is the first frame");
    actions.propagate("forward");
    expect(sent).toMatchObject([{ kind: "run", direction: "forward", startFrame: 0 }]);
  });
});
