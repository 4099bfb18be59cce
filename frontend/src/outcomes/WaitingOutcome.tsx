import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Tooltip } from "@/ui/Tooltip";
import type { KeptOutcome } from "./outcome";
import { outcomes } from "./outcomes";
import styles from "./WaitingOutcome.module.css";

const EXPLANATION =
  "The service does not answer. This is sent again by itself until it does, also after a reload; nothing is done yet.";

interface WaitingOutcomeProps {
  readonly kept: KeptOutcome;
  /** Whether to say what was pressed, where the page does not show it. */
  readonly named: boolean;
}

/** A press that waits for the service, or was refused after it had waited, and what can be done about it. */
export function WaitingOutcome({ kept, named }: WaitingOutcomeProps) {
  const { state, id, name } = kept;
  const prefix = named ? `${name}: ` : "";
  if (state.at === "refused") {
    const words = `${name} was refused: ${state.message}`;
    return (
      <span className={styles.outcome} role="alert" data-testid="outcome" data-state="refused">
        <span className={styles.words} title={words}>
          <Badge tone="bad">{words}</Badge>
        </span>
        <Button onClick={() => outcomes.dismiss(id)} data-testid="dismiss-outcome">
          Dismiss
        </Button>
      </span>
    );
  }
  const leaving = state.at === "taking back";
  return (
    <span className={styles.outcome} role="status" data-testid="outcome" data-state={state.at}>
      <Tooltip content={leaving ? "Asked as soon as the service answers." : EXPLANATION}>
        <span className={styles.words}>
          <Badge tone="warn">
            {prefix}
            {leaving ? "taken back, if it has not arrived" : "waiting for the service"}
          </Badge>
        </span>
      </Tooltip>
      {!leaving && (
        <Button onClick={() => outcomes.takeBack(id)} data-testid="take-outcome-back">
          Take back
        </Button>
      )}
    </span>
  );
}
