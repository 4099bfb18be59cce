import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { healthQuery } from "@/api/queries";
import { onTrouble, useReachable } from "@/api/reachability";
import { Tooltip } from "@/ui/Tooltip";
import { connectionOf } from "./connection";
import styles from "./TopBar.module.css";

/** Says which part of the server is down and what still works. */
export function ConnectionChip() {
  const { data, isError, refetch } = useQuery(healthQuery);
  const reachable = useReachable();
  const connection = connectionOf(data ?? null, isError || !reachable);
  useEffect(() => onTrouble(() => void refetch({ cancelRefetch: false })), [refetch]);
  useFreshDataAfter(connection.state === "lost");
  return (
    <Tooltip content={connection.explanation}>
      <button type="button" className={styles.chip} data-state={connection.state} data-testid="connection">
        <span className={styles.dot} data-state={connection.state} />
        <span role="status" className={styles.words} data-state={connection.state}>
          {connection.label}
        </span>
      </button>
    </Tooltip>
  );
}

/** Retries failed loads once the server is back. */
function useFreshDataAfter(lost: boolean): void {
  const queryClient = useQueryClient();
  const wasLost = useRef(false);
  useEffect(() => {
    if (wasLost.current && !lost) void queryClient.invalidateQueries();
    wasLost.current = lost;
  }, [lost, queryClient]);
}
