import type { VerdictValue } from "@/api/types";
import { Button, keepFocus } from "@/ui/Button";
import { Kbd } from "@/ui/Kbd";
import { NO_REASON_SHORTCUTS, REASON_SHORTCUTS, VERDICT_SHORTCUTS } from "./shortcuts";
import type { Review } from "./useReview";
import styles from "./VerdictBar.module.css";

export function VerdictBar({ review }: { readonly review: Review }) {
  return (
    <div className={styles.bar} role="toolbar" aria-label="Verdict" onMouseDown={keepFocus}>
      {review.choosingReason && <Reasons review={review} />}
      {review.mayJudge ? <Verdicts review={review} /> : <OnlyLooking />}
    </div>
  );
}

function OnlyLooking() {
  return <p data-testid="only-looking">You may look; verifiers of this project judge.</p>;
}

function Verdicts({ review }: { readonly review: Review }) {
  const { skip, undo } = VERDICT_SHORTCUTS;
  return (
    <>
      <Verdict review={review} verdict="satisfactory" tone="good" />
      <Verdict review={review} verdict="unsatisfactory" tone="warn" />
      <Verdict review={review} verdict="rejected" tone="bad" />
      <span className={styles.gap} />
      <Button tone="quiet" onClick={review.skip} data-testid="skip">
        {skip.label} <Kbd shortcut={skip} />
      </Button>
      <Button tone="quiet" onClick={review.undo} disabled={!review.canUndo} data-testid="undo-verdict">
        {undo.label} <Kbd shortcut={undo} />
      </Button>
    </>
  );
}

/** The reason for "unsatisfactory": one digit answers it. Overlays the picture, so that nothing moves. */
function Reasons({ review }: { readonly review: Review }) {
  const { none, back } = NO_REASON_SHORTCUTS;
  return (
    <fieldset className={styles.reasons} aria-label="Reason" data-testid="reasons">
      {REASON_SHORTCUTS.map((shortcut) => (
        <Button
          key={shortcut.reason}
          className={styles.reason ?? ""}
          onClick={() => review.decide("unsatisfactory", [shortcut.reason])}
          data-testid="reason"
        >
          <Kbd shortcut={shortcut} />
          {shortcut.label}
        </Button>
      ))}
      <Button
        tone="quiet"
        className={styles.reason ?? ""}
        onClick={() => review.decide("unsatisfactory")}
        data-testid="no-reason"
      >
        <Kbd shortcut={none} />
        {none.label}
      </Button>
      <Button
        tone="quiet"
        className={styles.reason ?? ""}
        aria-label={back.label}
        onClick={review.dismissReason}
      >
        <Kbd shortcut={back} />
      </Button>
    </fieldset>
  );
}

interface VerdictProps {
  readonly review: Review;
  readonly verdict: VerdictValue;
  readonly tone: "good" | "warn" | "bad";
}

function Verdict({ review, verdict, tone }: VerdictProps) {
  const shortcut = VERDICT_SHORTCUTS[verdict];
  return (
    <Button
      className={`${styles.verdict} ${styles[tone]}`}
      onClick={() => shortcut.run(review)}
      data-testid={verdict}
    >
      <span className={styles.dot} />
      {shortcut.label}
      <Kbd shortcut={shortcut} />
    </Button>
  );
}
