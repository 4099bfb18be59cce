import { cancelRun } from "@/api/annotation";
import { messageOf } from "@/api/problem";
import type { Direction } from "@/api/types";
import { showFailure, showToast } from "@/ui/toasts";
import type { WorkspaceParts } from "../state/actions";
import { mayEdit } from "../state/barrier";
import { allowsFor } from "../state/phaseBook";
import { frameOnStage, listedObjects } from "../state/selectors";
import { activeRuns } from "./replica";

/** Carries the selected object, or all of them when none is selected, from the frame on the stage. */
export function startRun({ store, outbox, player, activity }: WorkspaceParts, direction: Direction): void {
  const state = store.getState();
  const startFrame = frameOnStage(state);
  const all = state.selected === null ? listedObjects(state).map(({ key }) => key) : [state.selected];
  const objects = all.filter((object) => allowsFor(state, object, "propagate"));
  if (objects.length === 0) return;
  const ends = { forward: state.video.numFrames - 1, backward: 0, both: -1 };
  if (startFrame === ends[direction]) {
    showToast(`Nothing to carry to: this is the ${direction === "forward" ? "last" : "first"} frame`);
    return;
  }
  player.pause();
  activity.note("edit", { what: "propagate", direction });
  outbox.add({ kind: "run", objects, startFrame, direction });
}

/** Stops what is running; true when there was something to stop. */
export function stopRuns({ store }: WorkspaceParts): boolean {
  const state = store.getState();
  const runs = mayEdit(state) ? activeRuns(state.replica) : [];
  for (const run of runs) void cancelRun(run.id).catch((error) => showFailure(messageOf(error)));
  return runs.length > 0;
}
