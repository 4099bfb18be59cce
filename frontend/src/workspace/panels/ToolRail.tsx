import { Tooltip } from "@/ui/Tooltip";
import { Mark, ToolIcon } from "../icons";
import { useSession, useWorkspace } from "../state/context";
import { mayEdit, rulesInHand } from "../state/phaseBook";
import type { ToolName } from "../tools/tool";
import styles from "./ToolRail.module.css";

const TOOLS: readonly { readonly name: ToolName; readonly label: string; readonly keys: string }[] = [
  { name: "select", label: "Select an object", keys: "V" },
  { name: "point", label: "Point: left adds, right or Alt removes, drag draws a box", keys: "P" },
  { name: "box", label: "Box around the object", keys: "R" },
  { name: "brush", label: "Brush", keys: "B" },
  { name: "eraser", label: "Eraser", keys: "E" },
];

/** One narrow column: what the pointer does, and the way back. */
export function ToolRail() {
  const session = useSession();
  const rules = useWorkspace(rulesInHand);
  const editable = useWorkspace(mayEdit);
  const tool = useWorkspace((state) => state.tool);
  const brushRadius = useWorkspace((state) => state.brushRadius);
  return (
    <div className={styles.rail} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {TOOLS.filter(({ name }) => name === "select" || rules?.tools.includes(name)).map(
        ({ name, label, keys }) => (
          <Tooltip key={name} content={label} keys={keys} side="right">
            <button
              type="button"
              className={styles.tool}
              aria-label={label}
              aria-pressed={tool === name}
              onClick={() => session.view.takeTool(name)}
              data-testid={`tool-${name}`}
            >
              <ToolIcon tool={name} />
            </button>
          </Tooltip>
        ),
      )}
      <label
        className={styles.size}
        data-shown={tool === "brush" || tool === "eraser"}
        title="Brush size: [ and ]"
      >
        <input
          type="range"
          min={1}
          max={120}
          value={brushRadius}
          aria-label="Brush radius in pixels of the video"
          onChange={(event) => session.view.setBrush(Number(event.target.value))}
          onPointerUp={(event) => event.currentTarget.blur()}
          data-testid="brush-radius"
        />
        <output>{Math.round(brushRadius)}</output>
      </label>
      <span className={styles.gap} />
      {editable && <HistoryButton kind="undo" />}
      {editable && <HistoryButton kind="redo" />}
    </div>
  );
}

function HistoryButton({ kind }: { readonly kind: "undo" | "redo" }) {
  const session = useSession();
  // An edit on its way will be undoable by the time the undo arrives.
  const possible = useWorkspace((state) => state.replica.history[kind] !== null || state.queue.length > 0);
  const label = kind === "undo" ? "Undo" : "Redo";
  return (
    <Tooltip content={label} keys={kind === "undo" ? "Ctrl+Z" : "Ctrl+Shift+Z"} side="right">
      <button
        type="button"
        className={styles.tool}
        aria-label={label}
        disabled={!possible}
        onClick={() => session.actions.step(kind)}
        data-testid={kind}
      >
        <Mark name={kind} />
      </button>
    </Tooltip>
  );
}
