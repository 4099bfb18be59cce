import { Button, IconButton, keepFocus } from "@/ui/Button";
import { Icon } from "@/ui/Icon";
import { Kbd } from "@/ui/Kbd";
import { Tooltip } from "@/ui/Tooltip";
import styles from "../ReviewPage.module.css";
import type { FrameRange, Loop } from "./useLoop";

interface PlayerControlsProps {
  readonly loop: Loop;
  readonly range: FrameRange;
  readonly follow: boolean;
  readonly onFollow: (follow: boolean) => void;
}

export function PlayerControls({ loop, range, follow, onFollow }: PlayerControlsProps) {
  return (
    <div className={styles.controls} role="toolbar" aria-label="Player" onMouseDown={keepFocus}>
      <Tooltip content="Frame back" keys="←" side="top">
        <IconButton label="Frame back" onClick={() => loop.step(-1)}>
          <Icon name="left" />
        </IconButton>
      </Tooltip>
      <Tooltip content={loop.playing ? "Pause" : "Play the loop"} keys="Space" side="top">
        <IconButton label={loop.playing ? "Pause" : "Play"} onClick={loop.togglePlay} data-testid="play">
          <Icon name={loop.playing ? "pause" : "play"} />
        </IconButton>
      </Tooltip>
      <Tooltip content="Frame on" keys="→" side="top">
        <IconButton label="Frame on" onClick={() => loop.step(1)}>
          <Icon name="right" />
        </IconButton>
      </Tooltip>
      <span className={styles.frame}>
        Frame {loop.frame ?? "–"} of {range.first}–{range.last}
      </span>
      <span className={styles.gap} />
      <span className={styles.frame}>
        Hide mask <Kbd keys="\" />
      </span>
      <Button tone="quiet" aria-pressed={follow} onClick={() => onFollow(!follow)}>
        {follow ? "Show whole frame" : "Follow object"} <Kbd keys="F" />
      </Button>
    </div>
  );
}
