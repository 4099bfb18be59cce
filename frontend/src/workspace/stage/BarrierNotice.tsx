import { Link } from "wouter";
import { buttonClass } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import { barrierOf, barrierWords } from "../state/barrier";
import { useWorkspace } from "../state/context";
import hint from "./StageHint.module.css";
import notice from "./StageNotice.module.css";

/** Over the video: why it cannot be edited. Of their own role people are reminded in the top bar only. */
export function BarrierNotice() {
  const barrier = useWorkspace((state) => barrierOf(state, state.selected));
  if (barrier === null || barrier === "role") return null;
  if (barrier !== "gone") {
    return (
      <p className={hint.hint} role="status" data-testid="held-by-others">
        {barrierWords(barrier)}
      </p>
    );
  }
  return (
    <div className={notice.notice}>
      <Notice
        tone="bad"
        title="You cannot open this video any more"
        actions={
          <Link href="/" className={buttonClass()}>
            Your projects
          </Link>
        }
        testId="video-gone"
      >
        {barrierWords(barrier)}
      </Notice>
    </div>
  );
}
