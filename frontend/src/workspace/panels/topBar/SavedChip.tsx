import { countText } from "@/ui/numbers";
import { Tooltip } from "@/ui/Tooltip";
import { useWorkspace } from "../../state/context";
import { type SaveState, saveStateOf } from "../../state/selectors";
import styles from "./SavedChip.module.css";

/** Whether every edit is saved: "Saved" means that the server has acknowledged all of them. */
export function SavedChip() {
  const queue = useWorkspace((state) => state.queue);
  const holdup = useWorkspace((state) => state.holdup);
  const pulse = useWorkspace((state) => state.savePulse);
  const stream = useWorkspace((state) => state.stream);
  const save = saveStateOf({ queue, holdup });
  return (
    <>
      {stream === "lost" && save.kind !== "offline" && (
        <span className={styles.stream} data-testid="stream-lost">
          Reconnecting…
        </span>
      )}
      <Tooltip content={explanation(save)}>
        {/* The key restarts the pulse of Ctrl+S. */}
        <button
          key={pulse}
          type="button"
          className={styles.chip}
          data-state={save.kind}
          data-pulse={pulse > 0}
        >
          <span role="status" data-testid="saved">
            {words(save)}
          </span>
        </button>
      </Tooltip>
    </>
  );
}

function words(save: SaveState): string {
  switch (save.kind) {
    case "saved":
      return "Saved";
    case "saving":
      return "Saving…";
    case "offline":
      return `Offline – ${save.waiting} waiting`;
    case "held":
      return `Model not ready – ${save.waiting} waiting`;
    default:
      return save satisfies never;
  }
}

function explanation(save: SaveState): string {
  if (save.kind === "saved") return "Every edit is stored on the server.";
  const edits = countText(save.waiting, "edit");
  if (save.kind === "saving") return `${edits} on the way to the server.`;
  if (save.kind === "held") return `${edits} waiting until the model server is back; sent by itself then.`;
  return `${edits} waiting for the server. Keep this tab open; they are sent as soon as it answers.`;
}
