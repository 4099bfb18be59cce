import { type KeyboardEvent, useEffect, useRef } from "react";
import { Button, keepFocus } from "@/ui/Button";
import { Kbd } from "@/ui/Kbd";
import styles from "./RemarksForm.module.css";
import { REASON_SHORTCUTS, REMARKS_SHORTCUTS } from "./shortcuts";
import type { Review } from "./useReview";

const LONGEST_NOTE = 2000;

interface RemarksFormProps {
  readonly review: Review;
  readonly frame: number | null;
  readonly suspect: number | null;
}

/** What the annotator should know: any number of reasons, a note, and the frame to begin on. */
export function RemarksForm({ review, frame, suspect }: RemarksFormProps) {
  const { remarks, remark } = review;
  const opened = useRef(false);
  useEffect(() => {
    if (!opened.current) remark({ frame: suspect });
    opened.current = true;
  }, [remark, suspect]);
  const { send, back } = REMARKS_SHORTCUTS;
  return (
    <fieldset className={styles.form} aria-label="Why it is unsatisfactory" data-testid="reasons">
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only keeps the focus where it is */}
      <div className={styles.line} onMouseDown={keepFocus}>
        {REASON_SHORTCUTS.map((shortcut) => (
          <Button
            key={shortcut.reason}
            className={styles.reason ?? ""}
            aria-pressed={remarks.reasons.includes(shortcut.reason)}
            onClick={() => review.toggleReason(shortcut.reason)}
            data-testid="reason"
          >
            <Kbd shortcut={shortcut} />
            {shortcut.label}
          </Button>
        ))}
      </div>
      <textarea
        className={styles.note}
        rows={2}
        maxLength={LONGEST_NOTE}
        aria-label="Note to the annotator"
        placeholder="Note to the annotator (optional)"
        value={remarks.note}
        onChange={(event) => remark({ note: event.target.value })}
        onKeyDown={(event) => answer(event, review)}
        data-testid="verdict-note-field"
      />
      <div className={styles.line}>
        <WhereItShows review={review} frame={frame} />
        <span className={styles.gap} />
        <Button tone="quiet" onClick={review.dismissReason}>
          {back.label} <Kbd shortcut={back} />
        </Button>
        <Button tone="primary" onClick={() => review.decide("unsatisfactory")} data-testid="send-back">
          {send.label} <Kbd shortcut={send} />
        </Button>
      </div>
    </fieldset>
  );
}

/** The frame on which the annotator begins; any frame on the player can be named instead. */
function WhereItShows({ review, frame }: { readonly review: Review; readonly frame: number | null }) {
  const named = review.remarks.frame;
  return (
    <span className={styles.where} data-testid="verdict-frame">
      {named === null ? "No particular frame" : `Begin on frame ${named}`}
      {frame !== null && frame !== named && (
        <Button tone="quiet" onClick={() => review.remark({ frame })} data-testid="name-frame">
          Frame {frame} instead
        </Button>
      )}
      {named !== null && (
        <Button tone="quiet" onClick={() => review.remark({ frame: null })}>
          None
        </Button>
      )}
    </span>
  );
}

/** Enter sends from the note as it does elsewhere, with Shift it begins a line; Escape leaves the note. */
function answer(event: KeyboardEvent<HTMLTextAreaElement>, review: Review): void {
  const composes = event.nativeEvent.isComposing; // Enter then chooses a character
  if (event.key === "Enter" && !event.shiftKey && !composes) {
    event.preventDefault();
    review.decide("unsatisfactory");
  } else if (event.key === "Escape") event.currentTarget.blur();
}
