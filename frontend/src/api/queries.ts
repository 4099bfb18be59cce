/** Server state, by key. Features share these so that a change made in one is seen in another. */
import { queryOptions } from "@tanstack/react-query";
import { fetchVideo } from "./annotation";
import { fetchAutoLabeling, fetchAutoLabelings } from "./autolabel";
import { fetchExportFormats, fetchExports } from "./exports";
import { fetchImport, fetchImports } from "./imports";
import { fetchInsights, type InsightsFilter } from "./insights";
import { fetchOntology } from "./ontology";
import { Pace } from "./pace";
import { fetchAccounts, fetchMe, fetchSignInOptions, fetchSignIns, fetchTokens } from "./people";
import { fetchPhases } from "./phases";
import { fetchProject, fetchProjects, fetchTiming, fetchVideos } from "./projects";
import { fetchReviewQueue, fetchVerdicts } from "./review";
import { fetchHealth, fetchModel, fetchModels, fetchModelVersions } from "./server";
import { fetchStudies, fetchStudy, fetchStudyChoices } from "./studies";
import { fetchReturnedTasks, fetchTasks } from "./tasks";
import { fetchProjectModel, fetchTuningPlan, fetchTunings } from "./tuning";
import type { DatasetImport, Id, Job, Tuning } from "./types";

export const ACTIVE_POLL_MILLISECONDS = 700;
const HEALTH_POLL_MILLISECONDS = 5000;
const INSIGHTS_PACE = new Pace(15_000);

export function isActive(job: Job | null): boolean {
  return job !== null && (job.state === "queued" || job.state === "running");
}

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) => fetchProjects(signal),
});

export function projectQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId],
    queryFn: ({ signal }) => fetchProject(projectId, signal),
  });
}

export function ontologyQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "ontology"],
    queryFn: ({ signal }) => fetchOntology(projectId, signal),
  });
}

/** Polls while anything is being ingested. */
export function videosQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "videos"],
    queryFn: ({ signal }) => fetchVideos(projectId, signal),
    refetchInterval: ({ state }) => {
      const busy = state.data?.some((video) => video.state === "ingesting" || isActive(video.job));
      return busy ? ACTIVE_POLL_MILLISECONDS : false;
    },
  });
}

export function videoQuery(videoId: Id) {
  return queryOptions({
    queryKey: ["videos", videoId],
    queryFn: ({ signal }) => fetchVideo(videoId, signal),
  });
}

export function timingQuery(videoId: Id) {
  return queryOptions({
    queryKey: ["videos", videoId, "timing"],
    queryFn: ({ signal }) => fetchTiming(videoId, signal),
  });
}

/** Refetched while shown: other people's work changes the figures. */
export function insightsQuery(projectId: Id, filter: InsightsFilter) {
  return queryOptions({
    queryKey: ["projects", projectId, "insights", filter],
    queryFn: ({ signal }) => INSIGHTS_PACE.timed(() => fetchInsights(projectId, filter, signal)),
    refetchInterval: () => INSIGHTS_PACE.interval,
  });
}

/** The part of the queue that is to be judged next, with the masklet `opened` in it. An empty one is waited for. */
export function reviewQuery(projectId: Id, opened: Id | null = null) {
  return queryOptions({
    queryKey: ["projects", projectId, "review"],
    queryFn: ({ signal }) => REVIEW_PACE.timed(() => fetchReviewQueue(projectId, opened, signal)),
    refetchInterval: ({ state }) => reviewPause(state.data),
  });
}

/** When to read a review queue again: while it is empty, and never under a verifier who judges. */
export function reviewPause(items: readonly unknown[] | undefined): number | false {
  return items?.length === 0 ? REVIEW_PACE.interval : false;
}

/** The verdicts on a masklet; asked for again when its state has changed. */
export function verdictsQuery(maskletId: Id, state: string) {
  return queryOptions({
    queryKey: ["masklets", maskletId, "verdicts", state],
    queryFn: ({ signal }) => fetchVerdicts(maskletId, signal),
  });
}

const TASKS_POLL_MILLISECONDS = 5000;
const TASKS_PACE = new Pace(TASKS_POLL_MILLISECONDS);
const REVIEW_PACE = new Pace(TASKS_POLL_MILLISECONDS);
const RETURNED_POLL_MILLISECONDS = 30_000;

/** Polled, so that people hear of work that came back wherever they are. */
export const returnedTasksQuery = queryOptions({
  queryKey: ["returned-tasks"],
  queryFn: ({ signal }) => fetchReturnedTasks(signal),
  refetchInterval: RETURNED_POLL_MILLISECONDS,
});

/** Refetched while shown: other people claim and finish tasks. */
export function tasksQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "tasks"],
    queryFn: ({ signal }) => TASKS_PACE.timed(() => fetchTasks(projectId, signal)),
    refetchInterval: () => TASKS_PACE.interval,
  });
}

export function studiesQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "studies"],
    queryFn: ({ signal }) => fetchStudies(projectId, signal),
    refetchInterval: TASKS_POLL_MILLISECONDS,
  });
}

export function studyQuery(studyId: Id) {
  return queryOptions({
    queryKey: ["studies", studyId],
    queryFn: ({ signal }) => fetchStudy(studyId, signal),
    refetchInterval: TASKS_POLL_MILLISECONDS,
  });
}

export function studyChoicesQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "study-choices"],
    queryFn: ({ signal }) => fetchStudyChoices(projectId, signal),
  });
}

/** Polls while a dataset is being written. */
export function exportsQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "exports"],
    queryFn: ({ signal }) => fetchExports(projectId, signal),
    refetchInterval: ({ state }) =>
      state.data?.some((item) => isActive(item.job)) ? ACTIVE_POLL_MILLISECONDS : false,
  });
}

/** Polls while a dataset is being read or written. */
export function importsQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "imports"],
    queryFn: ({ signal }) => fetchImports(projectId, signal),
    refetchInterval: ({ state }) => (state.data?.some(isOnItsWay) ? ACTIVE_POLL_MILLISECONDS : false),
  });
}

/** One import with what becomes of the dataset's videos; polls while it is being read or written. */
export function importQuery(importId: Id) {
  return queryOptions({
    queryKey: ["imports", importId],
    queryFn: ({ signal }) => fetchImport(importId, signal),
    refetchInterval: ({ state }) => (state.data && isOnItsWay(state.data) ? ACTIVE_POLL_MILLISECONDS : false),
  });
}

function isOnItsWay({ state }: DatasetImport): boolean {
  return state === "received" || state === "writing";
}

/** Polls while a search is going on. */
export function autoLabelingsQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["auto-labelings", "project", projectId],
    queryFn: ({ signal }) => fetchAutoLabelings(projectId, signal),
    refetchInterval: ({ state }) =>
      state.data?.some((labeling) => isActive(labeling.job)) ? ACTIVE_POLL_MILLISECONDS : false,
  });
}

/** The newest search of a video; polls while it is going on. */
export function autoLabelingQuery(videoId: Id) {
  return queryOptions({
    queryKey: ["auto-labelings", "video", videoId],
    queryFn: ({ signal }) => fetchAutoLabeling(videoId, signal),
    refetchInterval: ({ state }) => (isActive(state.data?.job ?? null) ? ACTIVE_POLL_MILLISECONDS : false),
  });
}

export const exportFormatsQuery = queryOptions({
  queryKey: ["export-formats"],
  queryFn: ({ signal }) => fetchExportFormats(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export function projectModelQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "model"],
    queryFn: ({ signal }) => fetchProjectModel(projectId, signal),
  });
}

export function tuningPlanQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "tuning-plan"],
    queryFn: ({ signal }) => fetchTuningPlan(projectId, signal),
  });
}

export function isTuning({ state }: Tuning): boolean {
  return state === "queued" || state === "running";
}

/** Polls while a model is being tuned. */
export function tuningsQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "tunings"],
    queryFn: ({ signal }) => fetchTunings(projectId, signal),
    refetchInterval: ({ state }) => (state.data?.some(isTuning) ? ACTIVE_POLL_MILLISECONDS : false),
  });
}

export const modelQuery = queryOptions({
  queryKey: ["model"],
  queryFn: ({ signal }) => fetchModel(signal),
  staleTime: 60_000,
  // While the model is being loaded there is no answer yet.
  refetchInterval: ({ state }) => (state.data ? false : HEALTH_POLL_MILLISECONDS),
});

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => fetchModels(signal),
  // The default model has no name before it is loaded.
  refetchInterval: ({ state }) => (state.data?.default ? false : HEALTH_POLL_MILLISECONDS),
});

/** Asked again for every version: a new one may have been used for the first time just now. */
export function modelVersionsQuery(version: string | null) {
  return queryOptions({
    queryKey: ["model-versions", version],
    queryFn: ({ signal }) => fetchModelVersions(signal),
    enabled: version !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The same for as long as the page is open. */
export const phasesQuery = queryOptions({
  queryKey: ["phases"],
  queryFn: ({ signal }) => fetchPhases(signal),
  staleTime: Number.POSITIVE_INFINITY,
});

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => fetchHealth(signal),
  refetchInterval: HEALTH_POLL_MILLISECONDS,
  retry: false,
});

/** Who is signed in here. Fails with `not-signed-in` when nobody is. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => fetchMe(signal),
  staleTime: 60_000,
});

export const signInOptionsQuery = queryOptions({
  queryKey: ["sign-in"],
  queryFn: ({ signal }) => fetchSignInOptions(signal),
});

export const signInsQuery = queryOptions({
  queryKey: ["me", "sign-ins"],
  queryFn: ({ signal }) => fetchSignIns(signal),
});

export const tokensQuery = queryOptions({
  queryKey: ["me", "tokens"],
  queryFn: ({ signal }) => fetchTokens(signal),
});

export const accountsQuery = queryOptions({
  queryKey: ["users"],
  queryFn: ({ signal }) => fetchAccounts(signal),
});
