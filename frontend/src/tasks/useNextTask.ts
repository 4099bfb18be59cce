import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation } from "wouter";
import { messageOf } from "@/api/problem";
import { claimNextTask, claimTask, pageOf } from "@/api/tasks";
import type { Id, Task } from "@/api/types";
import { showFailure } from "@/ui/toasts";

/** Claims the next task, or a given one, and goes to where it is worked on. */
export function useClaim(projectId: Id) {
  const queryClient = useQueryClient();
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: (task: Task | null) => (task === null ? claimNextTask(projectId) : claimTask(task.id)),
    onSuccess: ({ task }) => navigate(pageOf(task)),
    onError: (error) => showFailure(messageOf(error)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["projects", projectId, "tasks"] }),
  });
}

/** One key for the next task, while nobody is typing and no dialog is open. */
export function useNextKey(next: () => void): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
      if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.toLowerCase() !== "n" || document.querySelector("[role=dialog]") !== null) return;
      event.preventDefault();
      next();
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [next]);
}
