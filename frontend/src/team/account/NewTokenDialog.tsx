import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createToken } from "@/api/people";
import { messageOf } from "@/api/problem";
import { projectsQuery, tokensQuery } from "@/api/queries";
import type { Permission } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog, DialogActions } from "@/ui/Dialog";
import { SelectField, TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { PERMISSION_WORDS, tokenPermissions } from "../roles";
import { SecretNotice } from "../SecretNotice";
import styles from "../Team.module.css";

const DAYS = [7, 30, 90, 366];

interface NewTokenDialogProps {
  readonly isAdmin: boolean;
  readonly onClose: () => void;
}

/** Creates an API token and shows its secret once. */
export function NewTokenDialog({ isAdmin, onClose }: NewTokenDialogProps) {
  const [name, setName] = useState("");
  const [scope, setScope] = useState<readonly Permission[]>(["view"]);
  const [projectId, setProjectId] = useState("");
  const [days, setDays] = useState(90);
  const projects = useQuery(projectsQuery).data ?? [];
  const queryClient = useQueryClient();
  const making = useMutation({
    mutationFn: () =>
      createToken({ name: name.trim(), scope: [...scope], project_id: projectId || null, days }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
  if (making.data) {
    return (
      <Dialog open onClose={onClose} title={`Token ${making.data.token.name}`} testId="token-made">
        <SecretNotice
          secret={making.data.secret}
          words="Copy it now: it is not shown again, and the server keeps only its hash."
          testId="token-secret"
        />
        <DialogActions>
          <Button onClick={onClose}>Done</Button>
        </DialogActions>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title="New API token" testId="new-token-dialog">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          making.mutate();
        }}
      >
        <TextField
          label="Name"
          hint="What it is for"
          maxLength={100}
          autoFocus
          value={name}
          onChange={(event) => setName(event.target.value)}
          data-testid="token-name"
        />
        <Scope isAdmin={isAdmin} scope={scope} onChange={setScope} />
        <SelectField
          label="Projects"
          value={projectId}
          onChange={(event) => setProjectId(event.target.value)}
        >
          <option value="">All of mine</option>
          {projects.map((project) => (
            <option key={project.id} value={project.id}>
              Only {project.name}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Expires after"
          value={days}
          onChange={(event) => setDays(Number(event.target.value))}
        >
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {count} days
            </option>
          ))}
        </SelectField>
        {making.error && <Notice tone="bad" title={messageOf(making.error)} />}
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            type="submit"
            disabled={name.trim() === "" || scope.length === 0 || making.isPending}
            data-testid="make-token"
          >
            Make the token
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface ScopeProps {
  readonly isAdmin: boolean;
  readonly scope: readonly Permission[];
  readonly onChange: (scope: readonly Permission[]) => void;
}

function Scope({ isAdmin, scope, onChange }: ScopeProps) {
  return (
    <fieldset className={styles.checks}>
      <legend>What it may do</legend>
      {tokenPermissions(isAdmin).map((permission) => (
        <label key={permission} className={styles.check}>
          <input
            type="checkbox"
            checked={scope.includes(permission)}
            onChange={(event) =>
              onChange(
                event.target.checked ? [...scope, permission] : scope.filter((other) => other !== permission),
              )
            }
          />
          {PERMISSION_WORDS[permission]}
        </label>
      ))}
    </fieldset>
  );
}
