import type { ActivityRecorder } from "@/timing/activityRecorder";
import { makeMasklet, makePhases } from "../sync/exampleRows";
import type { Outbox } from "../sync/outbox";
import { mergeChanges } from "../sync/replica";
import type { Write } from "../sync/writes";
import { Actions } from "./actions";
import type { Player } from "./player";
import type { WorkspaceSession } from "./session";
import { createWorkspaceStore } from "./store";
import { ViewActions } from "./viewActions";

const video = { id: "v", width: 40, height: 30, numFrames: 10, framesPerSecond: 24, stride: 4 };

/** A session for tests: a real store and real verbs on one masklet; what they send is kept instead of sent. */
export function makeSession(phase: Parameters<typeof makePhases>[0] = "sam2"): {
  readonly session: WorkspaceSession;
  readonly sent: Write[];
} {
  const store = createWorkspaceStore(video, makePhases(phase));
  const sent: Write[] = [];
  const nothing = {
    masklets: [makeMasklet({ phase })],
    frames: [],
    runs: [],
    history: { undo: null, redo: null, undo_limit: null, redo_limit: null },
  };
  store.setState(({ replica }) => ({
    selected: "m1",
    shownFrame: 0,
    loaded: true,
    replica: mergeChanges(replica, { seq: 2, more: false, ...nothing }),
  }));
  const still = { pause: () => {}, note: () => {}, attend: () => {} };
  const outbox = { add: (write: Write) => sent.push(write) } as unknown as Outbox;
  const [player, activity] = [still as unknown as Player, still as unknown as ActivityRecorder];
  const parts = { store, outbox, player, activity };
  const session = { ...parts, actions: new Actions(parts), view: new ViewActions(store) };
  return { session: session as unknown as WorkspaceSession, sent };
}
