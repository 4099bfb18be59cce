import { useReachable } from "@/api/reachability";
import { countText } from "@/ui/numbers";
import { Tooltip } from "@/ui/Tooltip";
import { useWorkspace } from "../../state/context";
import { type SaveState, saveStateOf } from "../../state/selectors";
import styles from "./SavedChip.module.css";

/** Whether every edit is saved: "Saved" means that the server has acknowledged all of them. */
export function SavedChip() {
  const queue = useWorkspace((state) => state.queue);
  const holdup = useWorkspace((state) => state.holdup);
  const refusedEdits = useWorkspace((state) => state.refusedEdits);
  const shelf = useWorkspace((state) => state.shelf);
  const pulse = useWorkspace((state) => state.savePulse);
  const stream = useWorkspace((state) => state.stream);
  const reachable = useReachable();
  const gone = useWorkspace((state) => state.gone);
  const save = saveStateOf({ queue, holdup, refusedEdits, shelf });
  return (
    <>
      {stream === "lost" && !gone && save.kind !== "offline" && (
        <span className={styles.stream} data-testid="stream-lost">
          Reconnecting…
        </span>
      )}
      <Tooltip content={explanation(save, shelf !== "no-room")}>
        {/* The key restarts the pulse of Ctrl+S. */}
        <button
          key={pulse}
          type="button"
          className={styles.chip}
          data-state={save.kind}
          data-pulse={pulse > 0}
        >
          <span role="status" data-testid="saved">
            {words(save, reachable)}
          </span>
        </button>
      </Tooltip>
    </>
  );
}

type Held = Extract<SaveState, { readonly kind: "held" }>["because"];

const HELD_WORDS: Readonly<Record<Held, string>> = {
  "sign-in": "Sign in",
  model: "Model not ready",
  "failed-model": "Model failed",
  database: "Database down",
  disk: "Disk full",
  busy: "Server busy",
  server: "Server fails",
};

const HELD_UNTIL: Readonly<Record<Held, string>> = {
  "sign-in": "you have signed in again",
  model: "the model server is back",
  "failed-model": "the model answers",
  database: "the database is back",
  disk: "there is room on the server's disk",
  busy: "the server has time",
  server: "the server takes them",
};

function words(save: SaveState, reachable: boolean): string {
  switch (save.kind) {
    case "opening":
      return "Opening…";
    case "saved":
      return "Saved";
    case "saving":
      return "Saving…";
    case "offline":
      return `${reachable ? "No answer" : "Offline"} – ${save.waiting} waiting`;
    case "held":
      return `${HELD_WORDS[save.because]} – ${save.waiting} waiting`;
    case "refused":
      return `${save.refused} not saved`;
    default:
      return save satisfies never;
  }
}

function explanation(save: SaveState, kept: boolean): string {
  if (save.kind === "saved") return "Every edit is stored on the server.";
  if (!("waiting" in save)) return "Looking for edits that an earlier page could not send.";
  const edits = countText(save.waiting, "edit");
  if (save.kind === "saving") return `${edits} on the way to the server.`;
  if (save.kind === "refused") {
    const others = save.waiting > 0 ? ` ${edits} waiting behind.` : "";
    return `${countText(save.refused, "edit")} refused; the stage says why.${others}`;
  }
  const safety = kept
    ? "This browser keeps them, even if the tab is closed."
    : "This browser has no room to keep them: leave this tab open.";
  const until = save.kind === "held" ? HELD_UNTIL[save.because] : "it answers";
  return `${edits} waiting for the server; sent in order as soon as ${until}. ${safety}`;
}
