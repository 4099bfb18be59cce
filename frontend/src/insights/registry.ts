import type { FunctionComponent } from "react";
import type { Insights } from "@/api/types";
import { PeopleWeeks } from "./PeopleWeeks";
import { PhaseTable } from "./PhaseTable";
import { WaitingTime } from "./WaitingTime";

type FigureView = FunctionComponent<{ readonly insights: Insights; readonly csvUrl: string }>;

/** The figures by the names the backend's registry has, in the order of the page. */
export const FIGURES = {
  phase_table: PhaseTable,
  waiting_time: WaitingTime,
  people_weeks: PeopleWeeks,
} satisfies Partial<Record<keyof Insights, FigureView>>;
