import type { Insights } from "@/api/types";
import { durationText } from "@/ui/numbers";
import { TableScroll } from "@/ui/TableScroll";
import { Figure } from "./Figure";
import { PHASE_NAMES } from "./findings";
import styles from "./Insights.module.css";

/** How much annotation time goes into waiting for the model, by phase. */
export function WaitingTime({ insights, csvUrl }: { readonly insights: Insights; readonly csvUrl: string }) {
  const rows = insights.waiting_time;
  const waiting = rows.reduce((sum, row) => sum + row.waiting_seconds, 0);
  const all = rows.reduce((sum, row) => sum + row.annotation_seconds, 0);
  const title =
    all === 0
      ? "Nobody has waited for the model yet"
      : `${((waiting / all) * 100).toFixed(1)} % of annotation time is waiting for the model`;
  return (
    <Figure title={title} csvUrl={csvUrl} testId="waiting-time">
      <TableScroll label="Waiting time">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Phase</th>
              <th scope="col">Waiting</th>
              <th scope="col">Of its time</th>
              <th scope="col">Waits</th>
              <th scope="col">Median</th>
              <th scope="col">95th percentile</th>
              <th scope="col">Longest</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.phase}>
                <th scope="row">{PHASE_NAMES[row.phase]}</th>
                <td className={styles.main}>{durationText(row.waiting_seconds)}</td>
                <td>{row.share === null ? "–" : `${(row.share * 100).toFixed(1)} %`}</td>
                <td>{row.num_waits}</td>
                {[row.median_seconds, row.p95_seconds, row.longest_seconds].map((seconds, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: three columns that never move
                  <td key={index}>{seconds === null ? "–" : durationText(seconds)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Figure>
  );
}
