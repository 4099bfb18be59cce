import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "@/api/queries";
import { Tooltip } from "@/ui/Tooltip";
import { connectionOf } from "./connection";
import styles from "./TopBar.module.css";

/** Quiet while all is well; otherwise says which part is down and what still works. */
export function ConnectionChip() {
  const { data, isError } = useQuery(healthQuery);
  const connection = connectionOf(data ?? null, isError);
  return (
    <Tooltip content={connection.explanation}>
      <button type="button" className={styles.chip} data-state={connection.state} data-testid="connection">
        <span className={styles.dot} data-state={connection.state} />
        <span role="status">{connection.label}</span>
      </button>
    </Tooltip>
  );
}
