import type { ReactNode } from "react";
import { Button, keepFocus } from "@/ui/Button";
import { Kbd } from "@/ui/Kbd";
import { REASONS } from "./queue/reviewQueue";
import type { ReviewDesk } from "./useReview";
import styles from "./VerdictBar.module.css";

export function VerdictBar({ desk }: { readonly desk: ReviewDesk }) {
  return (
    <div className={styles.bar} role="toolbar" aria-label="Verdict" onMouseDown={keepFocus}>
      {desk.choosingReason && <Reasons desk={desk} />}
      {desk.mayJudge ? <Verdicts desk={desk} /> : <OnlyLooking />}
    </div>
  );
}

function OnlyLooking() {
  return <p data-testid="only-looking">You may look; verifiers of this project judge.</p>;
}

function Verdicts({ desk }: { readonly desk: ReviewDesk }) {
  return (
    <>
      <Verdict keys="Y" tone="good" onClick={() => desk.decide("satisfactory")} testId="satisfactory">
        Satisfactory
      </Verdict>
      <Verdict keys="U" tone="warn" onClick={desk.askReason} testId="unsatisfactory">
        Unsatisfactory
      </Verdict>
      <Verdict keys="R" tone="bad" onClick={() => desk.decide("rejected")} testId="rejected">
        Reject object
      </Verdict>
      <span className={styles.gap} />
      <Button tone="quiet" onClick={desk.skip} data-testid="skip">
        Skip <Kbd keys="S" />
      </Button>
      <Button tone="quiet" onClick={desk.undo} disabled={!desk.canUndo} data-testid="undo-verdict">
        Undo <Kbd keys="Z" />
      </Button>
    </>
  );
}

/** Why not: one digit answers and moves on. It lies over the picture so that nothing below it jumps. */
function Reasons({ desk }: { readonly desk: ReviewDesk }) {
  return (
    <fieldset className={styles.reasons} aria-label="Reason" data-testid="reasons">
      {REASONS.map((reason, index) => (
        <Button
          key={reason}
          className={styles.reason ?? ""}
          onClick={() => desk.decide("unsatisfactory", [reason])}
          data-testid="reason"
        >
          <Kbd keys={String(index + 1)} />
          {reason}
        </Button>
      ))}
      <Button
        tone="quiet"
        className={styles.reason ?? ""}
        onClick={() => desk.decide("unsatisfactory")}
        data-testid="no-reason"
      >
        <Kbd keys="U" />
        none
      </Button>
      <Button tone="quiet" className={styles.reason ?? ""} aria-label="Back" onClick={desk.dismissReason}>
        <Kbd keys="Esc" />
      </Button>
    </fieldset>
  );
}

interface VerdictProps {
  readonly keys: string;
  readonly tone: "good" | "warn" | "bad";
  readonly onClick: () => void;
  readonly testId: string;
  readonly children: ReactNode;
}

function Verdict({ keys, tone, onClick, testId, children }: VerdictProps) {
  return (
    <Button className={`${styles.verdict} ${styles[tone]}`} onClick={onClick} data-testid={testId}>
      <span className={styles.dot} />
      {children}
      <Kbd keys={keys} />
    </Button>
  );
}
