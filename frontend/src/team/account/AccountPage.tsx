import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { changePassword, renameMe } from "@/api/people";
import { messageOf } from "@/api/problem";
import { meQuery, signInsQuery, tokensQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import { useMe } from "@/api/useMe";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { showToast } from "@/ui/toasts";
import { EndTokens } from "../EndTokens";
import styles from "../Team.module.css";
import { SignInsSection } from "./SignInsSection";
import { TokensSection } from "./TokensSection";

/** The signed-in person's account: name, password, browsers, API tokens. */
export function AccountPage() {
  const me = useMe();
  if (!me) return <Skeleton height={320} />;
  return (
    <div className={styles.page} data-testid="account-page">
      <header className={styles.section}>
        <h1>Account</h1>
        <p className={styles.hint}>
          {me.way === "local"
            ? `Signed in locally as ${me.name}: this machine has one person, and no password.`
            : `Signed in as ${me.login ?? me.name}${me.is_admin ? ", an administrator of this site" : ""}.`}
        </p>
      </header>
      <NameForm key={me.name} me={me} />
      {me.way === "browser" && me.login !== null && <PasswordForm />}
      {me.way === "browser" && <SignInsSection />}
      <TokensSection isAdmin={me.is_admin} />
    </div>
  );
}

function NameForm({ me }: { readonly me: Me }) {
  const [name, setName] = useState(me.name);
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: () => renameMe(name.trim()),
    onSuccess: (changed) => queryClient.setQueryData(meQuery.queryKey, changed),
  });
  return (
    <form
      className={styles.inline}
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate();
      }}
    >
      <TextField
        label="Name, as others see it"
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Button type="submit" disabled={name.trim() === "" || name.trim() === me.name || saving.isPending}>
        Save
      </Button>
      {saving.error && <Notice tone="bad" title={messageOf(saving.error)} />}
    </form>
  );
}

function PasswordForm() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [endTokens, setEndTokens] = useState(true);
  const queryClient = useQueryClient();
  const saving = useMutation({
    mutationFn: () => changePassword(old, fresh, endTokens),
    onSuccess: async () => {
      setOld("");
      setFresh("");
      showToast("The password is changed; other browsers are signed out.");
      await queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });
      await queryClient.invalidateQueries({ queryKey: signInsQuery.queryKey });
    },
  });
  return (
    <form
      className={styles.section}
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate();
      }}
    >
      <div className={styles.inline}>
        <TextField
          label="Old password"
          type="password"
          autoComplete="current-password"
          value={old}
          onChange={(event) => setOld(event.target.value)}
        />
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          value={fresh}
          onChange={(event) => setFresh(event.target.value)}
        />
        <Button type="submit" disabled={old === "" || fresh.length < 10 || saving.isPending}>
          Change
        </Button>
      </div>
      <EndTokens checked={endTokens} onChange={setEndTokens} />
      {saving.error && <Notice tone="bad" title={messageOf(saving.error)} />}
    </form>
  );
}
