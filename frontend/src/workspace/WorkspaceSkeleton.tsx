import styles from "./Workspace.module.css";

/** The layout of the workspace while it loads. */
export function WorkspaceSkeleton() {
  return (
    <div className={styles.workspace} aria-busy="true" data-testid="workspace-loading">
      <div className={styles.skeleton} data-zone="rail" />
      <div />
      <div className={styles.skeleton} data-zone="panel" />
      <div className={styles.skeleton} data-zone="below" />
    </div>
  );
}
