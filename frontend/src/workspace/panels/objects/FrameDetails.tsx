import type { PromptSet } from "@/api/types";
import { Button } from "@/ui/Button";
import { countText } from "@/ui/numbers";
import { Tooltip } from "@/ui/Tooltip";
import { Mark } from "../../icons";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { mayEdit } from "../../state/barrier";
import { useSession, useWorkspace } from "../../state/context";
import { isLockedHere } from "../../state/locks";
import { frameOnStage, frameStateOf, listedObjects, maskWords, promptsOf } from "../../state/selectors";
import { CandidatePicker } from "./CandidatePicker";
import styles from "./ObjectsPanel.module.css";
import { useModelName } from "./useModelName";

/** Mask, scores and prompts of the selected object on this frame. */
export function FrameDetails() {
  const session = useSession();
  const object = useWorkspace((state) => listedObjects(state).find(({ key }) => key === state.selected));
  const editable = useWorkspace((state) => mayEdit(state, state.selected));
  const frameIndex = useWorkspace(frameOnStage);
  const frame = useWorkspace((state) =>
    state.selected === null ? undefined : frameStateOf(state, state.selected, frameOnStage(state)),
  );
  const words = useWorkspace((state) =>
    state.selected === null ? "" : maskWords(state, state.selected, frameOnStage(state)),
  );
  const prompts = useWorkspace((state) =>
    state.selected === null ? "" : promptWords(promptsOf(state, state.selected, frameOnStage(state))),
  );
  const locked = useWorkspace(isLockedHere);
  const mask = frame?.mask ?? null;
  const model = useModelName(mask?.model_version ?? null);
  if (object === undefined) return null;
  const rows: readonly (readonly [string, string])[] = [
    ["Mask", words],
    ["Area", mask === null || mask.area === 0 ? "–" : `${mask.area.toLocaleString("en")} px`],
    ["Predicted IoU", shareText(mask?.predicted_iou ?? null)],
    ["Object score", mask?.object_score === null || mask === null ? "–" : signed(mask.object_score)],
    ["Prompts", prompts],
    ["Model", model],
  ];
  return (
    <section className={styles.details} aria-label="This frame" data-testid="frame-details">
      <h3>
        {object.name} on frame {frameIndex}
      </h3>
      <dl>
        {rows.map(([term, value]) => (
          <div key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        <div>
          <dt>Candidate for the click</dt>
          <dd>
            <CandidatePicker />
          </dd>
        </div>
      </dl>
      <div className={styles.actions} hidden={!editable}>
        <Tooltip content="The object is not in this frame" shortcut={SHORTCUTS.markAbsent}>
          <Button onClick={() => session.actions.markAbsent()} disabled={locked} data-testid="mark-absent">
            Absent
          </Button>
        </Tooltip>
        <Tooltip content="Forget prompts and mask of this frame" shortcut={SHORTCUTS.clearFrame}>
          <Button onClick={() => session.actions.clearFrame()} disabled={frame === undefined || locked}>
            Clear
          </Button>
        </Tooltip>
        <Tooltip
          content={
            locked ? "Let edits and propagation change it" : "Nothing changes it; propagation stops here"
          }
          shortcut={SHORTCUTS.toggleLock}
        >
          <Button
            onClick={() => session.actions.toggleLock()}
            aria-pressed={locked}
            data-testid="toggle-lock"
          >
            <Mark name={locked ? "unlock" : "lock"} size={14} /> {locked ? "Unlock" : "Lock"}
          </Button>
        </Tooltip>
      </div>
    </section>
  );
}

function shareText(share: number | null): string {
  return share === null ? "–" : share.toFixed(2);
}

function signed(score: number): string {
  return `${score > 0 ? "+" : ""}${score.toFixed(1)}`;
}

const PROMPT_WORDS = {
  clicks: ({ clicks }) => (clicks.length === 0 ? "" : countText(clicks.length, "point")),
  box: ({ box }) => (box === null ? "" : "box"),
  candidate: () => "",
} satisfies Record<keyof PromptSet, (prompts: PromptSet) => string>;

function promptWords(prompts: PromptSet): string {
  const parts = Object.values(PROMPT_WORDS).map((wordsOf) => wordsOf(prompts));
  return parts.filter((part) => part !== "").join(", ") || "–";
}
