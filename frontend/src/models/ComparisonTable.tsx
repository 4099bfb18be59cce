import type { Comparison } from "@/api/types";
import { TableScroll } from "@/ui/TableScroll";
import { judged, summary } from "./comparison";
import styles from "./Tuning.module.css";

interface ComparisonTableProps {
  readonly comparison: readonly Comparison[];
  readonly oldName: string;
  readonly newName: string;
}

/** Every measure of both models; the colour says which way is better, the sign says which way it went. */
export function ComparisonTable({ comparison, oldName, newName }: ComparisonTableProps) {
  return (
    <div className={styles.comparison}>
      <TableScroll label="Comparison">
        <table className={styles.table} data-testid="comparison">
          <thead>
            <tr>
              <th scope="col">On the held-out videos</th>
              <th scope="col" className={styles.number}>
                {oldName}
              </th>
              <th scope="col" className={styles.number}>
                {newName}
              </th>
              <th scope="col" className={styles.number}>
                Difference
              </th>
            </tr>
          </thead>
          <tbody>
            {comparison.map(judged).map((row) => (
              <tr key={row.name}>
                <td>{row.name}</td>
                <td className={styles.number}>{row.old}</td>
                <td className={styles.number}>{row.new}</td>
                <td className={`${styles.number} ${styles[row.outcome]}`}>
                  {row.difference}
                  {row.outcome !== "same" && <span className={styles.silent}>{`, ${row.outcome}`}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      <p className={styles.dim}>{summary(comparison)} Scores in percent; few videos judge roughly.</p>
    </div>
  );
}
