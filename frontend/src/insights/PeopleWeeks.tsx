import type { Insights } from "@/api/types";
import { durationText } from "@/ui/numbers";
import { TableScroll } from "@/ui/TableScroll";
import { Figure } from "./Figure";
import styles from "./Insights.module.css";

/** What each person did in each week. */
export function PeopleWeeks({ insights, csvUrl }: { readonly insights: Insights; readonly csvUrl: string }) {
  const { me, people_weeks, sees_everyone } = insights;
  // Everybody sees their own numbers first.
  const rows = people_weeks.toSorted((a, b) => Number(b.user_id === me) - Number(a.user_id === me));
  const frames = rows.reduce((sum, row) => sum + row.edited_frames, 0);
  return (
    <Figure
      title={rows.length === 0 ? "Nothing was done in this time" : `${frames} frames edited, week by week`}
      csvUrl={csvUrl}
      testId="people-weeks"
      note={
        sees_everyone ? "Your own weeks come first." : "You see your own weeks; managers see everybody's."
      }
    >
      <TableScroll label="Weeks of each person">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Person</th>
              <th scope="col">Week of</th>
              <th scope="col">Annotating</th>
              <th scope="col">Verifying</th>
              <th scope="col">Frames</th>
              <th scope="col">Frames / h</th>
              <th scope="col">Accepted</th>
              <th scope="col">Sent back</th>
              <th scope="col">Rework</th>
              <th scope="col">Verdicts</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.user_id} ${row.week}`}>
                <th scope="row">{row.user_id === me ? `${row.name} (you)` : row.name}</th>
                <td>{row.week}</td>
                <td className={styles.main}>{durationText(row.annotation_seconds)}</td>
                <td>{durationText(row.verifying_seconds)}</td>
                <td>{row.edited_frames}</td>
                <td>{row.frames_per_hour === null ? "–" : row.frames_per_hour.toFixed(0)}</td>
                <td>{row.accepted}</td>
                <td>{row.sent_back}</td>
                <td>{durationText(row.rework_seconds)}</td>
                <td>{row.verdicts_given}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Figure>
  );
}
