import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { messageOf } from "@/api/problem";
import { claimNextTask, claimTask, pageOf } from "@/api/tasks";
import type { Id, Task } from "@/api/types";
import { useShortcutKeys } from "@/keys/useShortcutKeys";
import { showFailure } from "@/ui/toasts";
import { TASK_SHORTCUTS } from "./shortcuts";

/** Claims the next task, or a given one, and opens its page. */
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

/** The keys of the page, while nobody is typing and no dialog is open. */
export function useTaskKeys(claimNext: () => void): void {
  useShortcutKeys(TASK_SHORTCUTS, claimNext, isOurs);
}

function isOurs(event: KeyboardEvent): boolean {
  const typing = event.target instanceof HTMLElement && event.target.matches("input, select, textarea");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return false;
  return document.querySelector("[role=dialog]") === null;
}
