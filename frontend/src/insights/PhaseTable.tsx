import { useMemo } from "react";
import type { Estimate, Insights, PhaseRow } from "@/api/types";
import { TableScroll } from "@/ui/TableScroll";
import { Figure } from "./Figure";
import { PHASE_NAMES, speedFinding } from "./findings";
import styles from "./Insights.module.css";
import { IntervalChart } from "./IntervalChart";

interface Measure {
  readonly name: string;
  readonly of: (row: PhaseRow) => Estimate;
  readonly paper: (row: PhaseRow) => number | null;
  readonly text: (value: number) => string;
}

const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
const number = (value: number) => value.toFixed(2);
const none = () => null;

const MEASURES: readonly Measure[] = [
  {
    name: "Seconds per frame",
    of: (r) => r.seconds_per_frame,
    paper: (r) => r.paper.seconds_per_frame,
    text: number,
  },
  { name: "… pooled", of: (r) => r.pooled_seconds_per_frame, paper: none, text: number },
  { name: "Edited frames", of: (r) => r.edited_frames, paper: (r) => r.paper.edited_frames, text: percent },
  {
    name: "Clicks per clicked frame",
    of: (r) => r.clicks_per_clicked_frame,
    paper: (r) => r.paper.clicks_per_clicked_frame,
    text: number,
  },
  { name: "Alignment with phase 1", of: (r) => r.alignment, paper: (r) => r.paper.alignment, text: percent },
  {
    name: "… small objects",
    of: (r) => r.alignment_small,
    paper: (r) => r.paper.alignment_small,
    text: percent,
  },
  { name: "… medium", of: (r) => r.alignment_medium, paper: (r) => r.paper.alignment_medium, text: percent },
  { name: "… large", of: (r) => r.alignment_large, paper: (r) => r.paper.alignment_large, text: percent },
  { name: "Presence agreement", of: (r) => r.presence_agreement, paper: none, text: percent },
  { name: "Propagations per masklet", of: (r) => r.propagations_per_masklet, paper: none, text: number },
  { name: "Right at the first verdict", of: (r) => r.first_pass, paper: none, text: percent },
  { name: "Times sent back", of: (r) => r.rework_rounds, paper: none, text: number },
];

/** The paper's comparison of the data engine's phases, on this project's data. */
export function PhaseTable({ insights, csvUrl }: { readonly insights: Insights; readonly csvUrl: string }) {
  const rows = insights.phase_table;
  const speeds = useMemo(() => rows.map(speedOf), [rows]);
  return (
    <Figure
      title={speedFinding(rows)}
      csvUrl={csvUrl}
      testId="phase-table"
      note="Intervals are 95 %, masklets drawn anew. The vertical line, and the small number, is the paper's value."
    >
      <IntervalChart
        label="Seconds per annotated frame by phase"
        unit="seconds per annotated frame"
        rows={speeds}
      />
      <TableScroll label="Measures of each phase">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Measure</th>
              {rows.map((row) => (
                <th scope="col" key={row.phase}>
                  {PHASE_NAMES[row.phase]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Masklets · videos</th>
              {rows.map((row) => (
                <td key={row.phase}>{`${row.num_masklets} · ${row.num_videos}`}</td>
              ))}
            </tr>
            {MEASURES.map((measure) => (
              <tr key={measure.name}>
                <th scope="row">{measure.name}</th>
                {rows.map((row) => (
                  <Cell key={row.phase} measure={measure} row={row} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
    </Figure>
  );
}

function speedOf(row: PhaseRow) {
  return {
    name: PHASE_NAMES[row.phase],
    estimate: row.seconds_per_frame,
    paper: row.paper.seconds_per_frame,
  };
}

function Cell({ measure, row }: { readonly measure: Measure; readonly row: PhaseRow }) {
  const { value, low, high } = measure.of(row);
  const paper = measure.paper(row);
  return (
    <td>
      <span className={styles.main}>{value === null ? "–" : measure.text(value)}</span>
      {low !== null && high !== null && (
        <span className={styles.range}>{`${measure.text(low)} – ${measure.text(high)}`}</span>
      )}
      {paper !== null && <span className={styles.range}>{`paper ${measure.text(paper)}`}</span>}
    </td>
  );
}
