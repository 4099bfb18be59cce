import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { autoLabelingsQuery, isActive } from "@/api/queries";
import type { AutoLabeling, Id } from "@/api/types";

/** The newest search of each video of a project; the project's counts reload when one ends. */
export function useAutoLabelings(projectId: Id): ReadonlyMap<Id, AutoLabeling> {
  const queryClient = useQueryClient();
  const { data } = useQuery(autoLabelingsQuery(projectId));
  const active = data?.filter(({ job }) => isActive(job)).length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it runs whenever another number of searches is active.
  useEffect(() => {
    void queryClient.invalidateQueries({ queryKey: ["projects", projectId] });
  }, [queryClient, projectId, active]);
  return new Map(data?.map((labeling) => [labeling.video_id, labeling]));
}
