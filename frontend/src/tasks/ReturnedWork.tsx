import { useQuery, useQueryClient } from "@tanstack/react-query";
import { DropdownMenu } from "radix-ui";
import { useLocation } from "wouter";
import { messageOf } from "@/api/problem";
import { returnedTasksQuery } from "@/api/queries";
import { claimTask, pageOf } from "@/api/tasks";
import type { Task } from "@/api/types";
import { MenuItem, MenuPanel } from "@/ui/Menu";
import { countText } from "@/ui/numbers";
import { showFailure } from "@/ui/toasts";
import styles from "./ReturnedWork.module.css";

/** In the top bar: how much of one's work verifiers sent back, and a list of it, without what one is mending already. */
export function ReturnedWork() {
  const queryClient = useQueryClient();
  const [location, navigate] = useLocation();
  const returned = useQuery(returnedTasksQuery).data ?? [];
  const tasks = returned.filter((task) => task.claimable || pageOf(task) !== location);
  if (tasks.length === 0) return null;
  const open = async (task: Task) => {
    try {
      if (task.claimable) await claimTask(task.id);
      navigate(pageOf(task));
    } catch (failure) {
      showFailure(messageOf(failure));
    }
    void queryClient.invalidateQueries({ queryKey: returnedTasksQuery.queryKey });
  };
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <button type="button" className={styles.chip} data-testid="returned-work">
          {countText(tasks.length, "object")} sent back
        </button>
      </DropdownMenu.Trigger>
      <MenuPanel>
        {tasks.map((task) => (
          <MenuItem key={task.id} onSelect={() => void open(task)} testId="returned-task">
            <span className={styles.words}>
              <span>
                {task.masklet_name} in {task.video_name}
              </span>
              {task.reason !== null && <span className={styles.reason}>{task.reason}</span>}
            </span>
          </MenuItem>
        ))}
      </MenuPanel>
    </DropdownMenu.Root>
  );
}
