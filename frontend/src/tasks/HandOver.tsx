import { useQuery } from "@tanstack/react-query";
import { membersQuery } from "@/api/teamQueries";
import type { Id, Task } from "@/api/types";
import { Menu, MenuItem } from "@/ui/Menu";
import { canDo } from "./taskRows";
import { useTaskUpdate } from "./useTaskUpdate";

/** A manager gives a task to a person, or to everybody; whoever holds it loses it, and what was saved stays. */
export function HandOver({ task, projectId }: { readonly task: Task; readonly projectId: Id }) {
  const members = useQuery(membersQuery(projectId)).data ?? [];
  const { mutate } = useTaskUpdate(projectId);
  const give = (assignee_id: Id | null) => mutate({ task, assignee_id });
  return (
    <Menu label="Give it to somebody" testId="hand-over">
      {task.assignee_id !== null && (
        <MenuItem onSelect={() => give(null)} testId="free-task">
          {task.state === "claimed"
            ? `Take it from ${task.assignee_name ?? "its holder"}`
            : "Give it to everybody"}
        </MenuItem>
      )}
      {members
        .filter((member) => canDo(member, task.kind) && member.user_id !== task.assignee_id)
        .map(({ user_id, name }) => (
          <MenuItem key={user_id} onSelect={() => give(user_id)}>
            {`Give it to ${name}`}
          </MenuItem>
        ))}
    </Menu>
  );
}
