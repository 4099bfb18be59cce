import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Link } from "wouter";
import { onBarred } from "@/api/client";
import { isBarred } from "@/api/problem";
import { projectQuery } from "@/api/queries";
import type { Id } from "@/api/types";
import { buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { useHere } from "./useHere";

/**
 * Takes the place of a page whose project was deleted, or from which the person was removed, while it was open. The
 * workspace says so itself, beside the edits that it still holds.
 */
export function ProjectGate({ children }: { readonly children: ReactNode }) {
  const { route, projectId, project } = useHere();
  const { error } = useQuery({ ...projectQuery(projectId ?? ""), enabled: projectId !== null });
  useAskWhenBarred(projectId);
  if (route.page === "workspace" || project === undefined || !isBarred(error)) return children;
  return (
    <EmptyState
      icon="warning"
      title={`You cannot open ${project.name} any more`}
      alone
      testId="project-gone"
      action={
        <Link href="/" className={buttonClass("primary")}>
          All projects
        </Link>
      }
    >
      It was deleted, or you are no longer a member of it. What you saved stays with the project.
    </EmptyState>
  );
}

/** Any request may be the first to find that the project is gone, or that one's role in it has changed. */
function useAskWhenBarred(projectId: Id | null): void {
  const queryClient = useQueryClient();
  useEffect(
    () =>
      onBarred(() => {
        if (projectId === null) return;
        const { queryKey } = projectQuery(projectId);
        const state = queryClient.getQueryState(queryKey);
        if (state?.status === "success" && state.fetchStatus === "idle")
          void queryClient.invalidateQueries({ queryKey, exact: true });
      }),
    [queryClient, projectId],
  );
}
