/** What the pages of a team show of others: read anew while shown, because others join and change things meanwhile. */
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";
import { fetchAudit, fetchInvitations, fetchMembers } from "./people";
import type { Id } from "./types";

const TEAM_POLL_MILLISECONDS = 15_000;

export function membersQuery(projectId: Id) {
  return queryOptions({
    queryKey: ["projects", projectId, "members"],
    queryFn: ({ signal }) => fetchMembers(projectId, signal),
    refetchInterval: TEAM_POLL_MILLISECONDS,
  });
}

/** Of a project, or of the site. */
export function invitationsQuery(projectId: Id | null) {
  return queryOptions({
    queryKey: projectId === null ? ["invitations"] : ["projects", projectId, "invitations"],
    queryFn: ({ signal }) => fetchInvitations(projectId, signal),
    refetchInterval: TEAM_POLL_MILLISECONDS,
  });
}

export function auditQuery(projectId: Id | null) {
  return infiniteQueryOptions({
    queryKey: projectId === null ? ["audit"] : ["projects", projectId, "audit"],
    refetchInterval: TEAM_POLL_MILLISECONDS,
    queryFn: ({ pageParam, signal }) => fetchAudit(projectId, pageParam, signal),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
  });
}

/** Has the lists asked for anew that an invitation made or withdrawn changes. */
export async function invitationsChanged(client: QueryClient, projectId: Id | null): Promise<void> {
  for (const { queryKey } of [invitationsQuery(projectId), auditQuery(projectId)])
    await client.invalidateQueries({ queryKey });
}
