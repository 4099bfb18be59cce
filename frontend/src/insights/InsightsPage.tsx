import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { activityUrl, type InsightsFilter, insightsUrl } from "@/api/insights";
import { insightsQuery } from "@/api/queries";
import type { Id, Insights } from "@/api/types";
import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { SelectField } from "@/ui/Field";
import { Icon } from "@/ui/Icon";
import { LoadFailed } from "@/ui/Notice";
import { countText, durationText } from "@/ui/numbers";
import { Page } from "@/ui/Page";
import { Skeleton } from "@/ui/Skeleton";
import { Switch } from "@/ui/Switch";
import styles from "./Insights.module.css";
import { FIGURES } from "./registry";

/** The initial filter; the page of a study links here with `?study=`. */
function filterAtFirst(): InsightsFilter {
  const study = new URLSearchParams(window.location.search).get("study");
  return { person: null, study, verified: false, days: null };
}

export function InsightsPage({ projectId }: { readonly projectId: Id }) {
  const [filter, setFilter] = useState(filterAtFirst);
  const { data, error, refetch } = useQuery({
    ...insightsQuery(projectId, filter),
    placeholderData: keepPreviousData,
  });
  return (
    <Page title="Insights" actions={<Downloads projectId={projectId} filter={filter} />}>
      <Filters
        filter={filter}
        onFilter={setFilter}
        people={data?.people ?? []}
        studies={data?.studies ?? []}
      />
      {error && !data && <LoadFailed error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton height={320} />}
      {data && <Figures insights={data} projectId={projectId} filter={filter} />}
    </Page>
  );
}

function Downloads({ projectId, filter }: { readonly projectId: Id; readonly filter: InsightsFilter }) {
  return (
    <div className={styles.actions}>
      <a href={insightsUrl(projectId, filter)} download="insights.json" className={buttonClass()}>
        <Icon name="download" />
        All figures (JSON)
      </a>
      <a href={activityUrl(projectId, "jsonl")} download className={buttonClass()} data-testid="raw-log">
        <Icon name="download" />
        Raw log (JSON Lines)
      </a>
      <a href={activityUrl(projectId, "csv")} download className={buttonClass()}>
        <Icon name="download" />
        Raw log (CSV)
      </a>
    </div>
  );
}

interface FiltersProps {
  readonly filter: InsightsFilter;
  readonly onFilter: (filter: InsightsFilter) => void;
  readonly people: Insights["people"];
  readonly studies: Insights["studies"];
}

function Filters({ filter, onFilter, people, studies }: FiltersProps) {
  return (
    <div className={styles.filters}>
      <SelectField
        label="Time"
        value={filter.days ?? ""}
        onChange={({ target }) =>
          onFilter({ ...filter, days: target.value === "" ? null : Number(target.value) })
        }
      >
        <option value="">All of it</option>
        <option value="7">Last 7 days</option>
        <option value="30">Last 30 days</option>
      </SelectField>
      <SelectField
        label="Person"
        value={filter.person ?? ""}
        onChange={({ target }) => onFilter({ ...filter, person: target.value === "" ? null : target.value })}
      >
        <option value="">Everybody</option>
        {people.map(({ user_id, name }) => (
          <option key={user_id} value={user_id}>
            {name}
          </option>
        ))}
      </SelectField>
      {studies.length > 0 && (
        <SelectField
          label="Study"
          value={filter.study ?? ""}
          onChange={({ target }) => onFilter({ ...filter, study: target.value === "" ? null : target.value })}
          data-testid="study-filter"
        >
          <option value="">Everything</option>
          {studies.map(({ study_id, name }) => (
            <option key={study_id} value={study_id}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      <Switch
        label="Only verified masklets"
        checked={filter.verified}
        onChange={(verified) => onFilter({ ...filter, verified })}
        testId="only-verified"
      />
    </div>
  );
}

interface FiguresProps {
  readonly insights: Insights;
  readonly projectId: Id;
  readonly filter: InsightsFilter;
}

function Figures({ insights, projectId, filter }: FiguresProps) {
  const { coverage } = insights;
  if (coverage.open_seconds === 0 && insights.people_weeks.length === 0)
    return (
      <EmptyState icon="clock" title="Nobody has worked here yet" testId="no-insights">
        Figures appear as soon as somebody annotates a video of this project.
      </EmptyState>
    );
  return (
    <>
      <p className={styles.facts} data-testid="coverage">
        {[
          `${durationText(coverage.annotation_seconds)} annotating`,
          `${durationText(coverage.verifying_seconds)} verifying`,
          `${durationText(coverage.focused_seconds)} in focus`,
          `${durationText(coverage.open_seconds)} open`,
          `${countText(coverage.num_gaps, "gap")} of ${durationText(coverage.gap_seconds)} that count nowhere`,
          ...coverage.at_idle.map(
            (at) => `${durationText(at.annotation_seconds)} at an idle limit of ${at.idle_seconds} s`,
          ),
        ].join(" · ")}
      </p>
      {Object.entries(FIGURES).map(([name, View]) => (
        <View key={name} insights={insights} csvUrl={insightsUrl(projectId, filter, `${name}.csv`)} />
      ))}
    </>
  );
}
