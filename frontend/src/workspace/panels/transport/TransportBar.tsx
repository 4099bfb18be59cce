import { Button, IconButton } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Tooltip } from "@/ui/Tooltip";
import { Mark } from "../../icons";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { useSession, useWorkspace } from "../../state/context";
import { rulesInHand } from "../../state/phaseBook";
import { activeRuns } from "../../sync/replica";
import { OverlayControls } from "./OverlayControls";
import { RunProgress } from "./RunProgress";
import styles from "./TransportBar.module.css";
import { timecode } from "./timecode";

/** Between stage and timeline: playback, position, propagation, overlay. Its layout never shifts. */
export function TransportBar() {
  return (
    <div className={styles.bar} role="toolbar" aria-label="Playback and propagation">
      <Playback />
      <Position />
      <span className={styles.middle}>
        <Propagation />
      </span>
      <OverlayControls />
    </div>
  );
}

function Playback() {
  const { player } = useSession();
  const playing = useWorkspace((state) => state.playRate !== 0);
  return (
    <span className={styles.group}>
      <Tooltip shortcut={SHORTCUTS.stepBack} side="top">
        <IconButton label={SHORTCUTS.stepBack.label} onClick={() => player.step(-1)}>
          <Icon name="left" />
        </IconButton>
      </Tooltip>
      <Tooltip content={playing ? "Pause" : "Play"} shortcut={SHORTCUTS.togglePlay} side="top">
        <IconButton label={playing ? "Pause" : "Play"} onClick={() => player.toggle()} data-testid="play">
          <Icon name={playing ? "pause" : "play"} />
        </IconButton>
      </Tooltip>
      <Tooltip shortcut={SHORTCUTS.stepOn} side="top">
        <IconButton label={SHORTCUTS.stepOn.label} onClick={() => player.step(1)}>
          <Icon name="right" />
        </IconButton>
      </Tooltip>
    </span>
  );
}

function Position() {
  const frameIndex = useWorkspace((state) => state.frameIndex);
  const video = useWorkspace((state) => state.video);
  const annotated = frameIndex % video.stride === 0;
  return (
    <span className={styles.position} data-testid="position">
      <strong data-testid="frame-index">{frameIndex}</strong>
      <span className={styles.of}>/ {video.numFrames - 1}</span>
      <span className={styles.time}>{timecode(frameIndex, video.framesPerSecond)}</span>
      <span
        className={styles.grid}
        data-annotated={annotated}
        title={annotated ? "An annotated frame: part of the export" : "Between two annotated frames"}
      />
    </span>
  );
}

function Propagation() {
  const { actions } = useSession();
  const run = useWorkspace((state) => activeRuns(state.replica).at(-1));
  const starting = useWorkspace((state) => state.queue.some(({ write }) => write.kind === "run"));
  const empty = useWorkspace((state) => state.replica.masklets.size === 0 && state.drafts.length === 0);
  const all = useWorkspace((state) => state.selected === null);
  const rules = useWorkspace(rulesInHand);
  if (run !== undefined) return <RunProgress run={run} />;
  if (!rules?.tools.includes("propagate")) return <span className={styles.of}>{rules?.summary}</span>;
  const off = empty || starting;
  return (
    <span className={styles.group}>
      <Tooltip shortcut={SHORTCUTS.propagateBackward} side="top">
        <IconButton
          label={SHORTCUTS.propagateBackward.label}
          disabled={off}
          onClick={() => actions.propagate("backward")}
          data-testid="propagate-backward"
        >
          <Mark name="backward" />
        </IconButton>
      </Tooltip>
      <Tooltip
        content="Carry the masks through the whole video from here"
        shortcut={SHORTCUTS.propagate}
        side="top"
      >
        <Button
          className={styles.propagate}
          disabled={off}
          onClick={() => actions.propagate("both")}
          data-testid="propagate"
        >
          <Mark name="both" /> {all ? "Propagate all" : "Propagate"}
        </Button>
      </Tooltip>
      <Tooltip shortcut={SHORTCUTS.propagateForward} side="top">
        <IconButton
          label={SHORTCUTS.propagateForward.label}
          disabled={off}
          onClick={() => actions.propagate("forward")}
          data-testid="propagate-forward"
        >
          <Mark name="forward" />
        </IconButton>
      </Tooltip>
    </span>
  );
}
