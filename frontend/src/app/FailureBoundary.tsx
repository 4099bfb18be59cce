import { Component, type ReactNode } from "react";
import { messageOf } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Notice } from "@/ui/Notice";
import styles from "./FailureBoundary.module.css";

interface State {
  readonly error: unknown;
}

/** Keeps the top bar when a page throws, and says what is saved. */
export class FailureBoundary extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: unknown): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <div className={styles.centre}>
        <Notice
          tone="bad"
          title="This page stopped working"
          actions={<Button onClick={() => window.location.reload()}>Reload</Button>}
        >
          What was shown as saved is safe. ({messageOf(this.state.error)})
        </Notice>
      </div>
    );
  }
}
