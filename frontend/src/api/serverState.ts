/** The cache of server state. */
import {
  type InvalidateOptions,
  type InvalidateQueryFilters,
  QueryClient,
  type QueryKey,
} from "@tanstack/react-query";
import { RequestFailed } from "./problem";

/**
 * A query client that never takes an old answer for a new one.
 *
 * TanStack lets the first request of a query go on when the query is invalidated: there is no data yet to refresh. But
 * the server may have read before the change that is the reason, and its answer would then count as fresh: a video that
 * was just uploaded would be missing from the list until something else reloads it.
 */
export class ServerState extends QueryClient {
  override invalidateQueries<Key extends QueryKey = QueryKey>(
    filters?: InvalidateQueryFilters<Key>,
    options?: InvalidateOptions,
  ): Promise<void> {
    const refetched = filters?.refetchType ?? filters?.type ?? "active";
    if (refetched === "active" || refetched === "all") {
      for (const query of this.getQueryCache().findAll({ ...filters, type: "active" })) {
        const isFirst = query.state.fetchStatus !== "idle" && query.state.data === undefined;
        if (isFirst) void query.cancel({ silent: true });
      }
    }
    return super.invalidateQueries(filters, options);
  }
}

export function createServerState(): ServerState {
  return new ServerState({
    defaultOptions: {
      queries: {
        staleTime: 2000,
        // Only a lost connection is worth a retry; a problem from the server would come again.
        retry: (count, error) => count < 2 && !(error instanceof RequestFailed && error.status >= 400),
      },
    },
  });
}
