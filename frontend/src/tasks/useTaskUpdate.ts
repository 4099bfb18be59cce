import { useMutation, useQueryClient } from "@tanstack/react-query";
import { messageOf } from "@/api/problem";
import { type TaskChange, updateTask } from "@/api/tasks";
import type { Id, Task } from "@/api/types";
import { showFailure } from "@/ui/toasts";

/** Changes a task as a manager; reloads the queue whether the change succeeds or fails. */
export function useTaskUpdate(projectId: Id) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ task, ...change }: { task: Task } & TaskChange) => updateTask(task.id, change),
    onError: (error) => showFailure(messageOf(error)),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["projects", projectId, "tasks"] }),
  });
}
