import { Button, IconButton, keepFocus } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { Tooltip } from "@/ui/Tooltip";
import type { FrameRange } from "@/video/frameRange";
import styles from "../ReviewPage.module.css";
import { PLAYER_SHORTCUTS } from "../shortcuts";
import type { Loop } from "./useLoop";

interface PlayerControlsProps {
  readonly loop: Loop;
  readonly range: FrameRange;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
}

/** Steps, play and what the picture shows, with their keys. */
export function PlayerControls({ loop, range, follow, onFollow }: PlayerControlsProps) {
  return (
    <div className={styles.controls} role="toolbar" aria-label="Player" onMouseDown={keepFocus}>
      <Tooltip shortcut={PLAYER_SHORTCUTS.stepBack} side="top">
        <IconButton label={PLAYER_SHORTCUTS.stepBack.label} onClick={() => loop.step(-1)}>
          <Icon name="left" />
        </IconButton>
      </Tooltip>
      <Tooltip
        content={loop.playing ? "Pause" : PLAYER_SHORTCUTS.togglePlay.label}
        shortcut={PLAYER_SHORTCUTS.togglePlay}
        side="top"
      >
        <IconButton label={loop.playing ? "Pause" : "Play"} onClick={loop.togglePlay} data-testid="play">
          <Icon name={loop.playing ? "pause" : "play"} />
        </IconButton>
      </Tooltip>
      <Tooltip shortcut={PLAYER_SHORTCUTS.stepOn} side="top">
        <IconButton label={PLAYER_SHORTCUTS.stepOn.label} onClick={() => loop.step(1)}>
          <Icon name="right" />
        </IconButton>
      </Tooltip>
      <span className={styles.frame}>
        Frame {loop.frame ?? "–"} of {range.first}–{range.last}
      </span>
      <span className={styles.gap} />
      <span className={styles.frame}>
        {PLAYER_SHORTCUTS.peek.label} <Kbd shortcut={PLAYER_SHORTCUTS.peek} />
      </span>
      <Button tone="quiet" aria-pressed={follow} onClick={() => onFollow(!follow)}>
        {follow ? "Show whole frame" : PLAYER_SHORTCUTS.toggleFollow.label}{" "}
        <Kbd shortcut={PLAYER_SHORTCUTS.toggleFollow} />
      </Button>
    </div>
  );
}
