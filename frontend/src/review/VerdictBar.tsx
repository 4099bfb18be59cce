import type { VerdictValue } from "@/api/types";
import { WaitingOutcome } from "@/outcomes/WaitingOutcome";
import { Button, keepFocus } from "@/ui/Button";
import { Kbd } from "@/ui/Kbd";
import { RemarksForm } from "./RemarksForm";
import { VERDICT_SHORTCUTS } from "./shortcuts";
import type { Review } from "./useReview";
import styles from "./VerdictBar.module.css";

interface VerdictBarProps {
  readonly review: Review;
  /** The frame on the player. */
  readonly frame: number | null;
  /** The frame to name unless the person chooses another. */
  readonly suspect: number | null;
}

export function VerdictBar({ review, frame, suspect }: VerdictBarProps) {
  return (
    <>
      {review.choosingReason && <RemarksForm review={review} frame={frame} suspect={suspect} />}
      <div className={styles.bar} role="toolbar" aria-label="Verdict" onMouseDown={keepFocus}>
        {review.mayJudge ? <Verdicts review={review} /> : <OnlyLooking />}
        <WaitingVerdicts review={review} />
      </div>
    </>
  );
}

/** Verdicts that the service has not answered: the last one, and how many more. */
export function WaitingVerdicts({ review }: { readonly review: Review }) {
  const last = review.waiting.at(-1);
  if (last === undefined) return null;
  const others = review.waiting.length - 1;
  return (
    <>
      <WaitingOutcome kept={last} named />
      {others > 0 && <span>and {others} more</span>}
    </>
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
