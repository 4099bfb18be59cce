import type { OverlayMode } from "@/canvas/scene";
import { Button, IconButton } from "@/ui/Button";
import { Tooltip } from "@/ui/Tooltip";
import { Mark } from "../../icons";
import { SHORTCUTS } from "../../shortcuts/shortcuts";
import { useSession, useWorkspace } from "../../state/context";
import styles from "./TransportBar.module.css";

const MODES: Record<OverlayMode, string> = { both: "Fill + contour", fill: "Fill", contour: "Contour" };

/** Overlay mode, opacity and zoom. */
export function OverlayControls() {
  const session = useSession();
  const overlay = useWorkspace((state) => state.overlay);
  const zoom = useWorkspace((state) => state.view?.scale ?? 1);
  return (
    <span className={styles.group}>
      <Tooltip content="Overlay" shortcut={SHORTCUTS.cycleOverlay} side="top">
        <Button
          tone="quiet"
          className={styles.mode}
          onClick={() => session.view.cycleOverlay()}
          data-testid="overlay-mode"
        >
          <Mark name="fill" size={14} /> {MODES[overlay.mode]}
        </Button>
      </Tooltip>
      <input
        type="range"
        className={styles.opacity}
        min={0}
        max={1}
        step={0.05}
        value={overlay.opacity}
        aria-label="Mask opacity"
        title="Mask opacity"
        onChange={(event) => session.view.setOpacity(Number(event.target.value))}
        onPointerUp={(event) => event.currentTarget.blur()}
      />
      <span className={styles.zoom} data-testid="zoom">
        {Math.round(zoom * 100)} %
      </span>
      <Tooltip shortcut={SHORTCUTS.fit} side="top">
        <IconButton label={SHORTCUTS.fit.label} onClick={() => session.view.fit()}>
          <Mark name="fit" />
        </IconButton>
      </Tooltip>
    </span>
  );
}
