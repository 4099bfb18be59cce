import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { providerAddress, signIn } from "@/api/people";
import { messageOf } from "@/api/problem";
import { signInOptionsQuery } from "@/api/queries";
import type { Me } from "@/api/types";
import { Button } from "@/ui/Button";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import styles from "../Team.module.css";

interface SignInFormProps {
  readonly onSignedIn: (me: Me) => void;
  /** The path to return to after signing in with a provider. */
  readonly returnTo: string;
}

export function SignInForm({ onSignedIn, returnTo }: SignInFormProps) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const signing = useMutation({
    mutationFn: () => signIn(login, password),
    onSuccess: onSignedIn,
    onError: () => setPassword(""),
  });
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        signing.mutate();
      }}
    >
      <TextField
        label="Login"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        value={login}
        onChange={(event) => setLogin(event.target.value)}
        data-testid="login"
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        data-testid="password"
      />
      {signing.error && <Notice tone="bad" title={messageOf(signing.error)} testId="sign-in-problem" />}
      <Button
        tone="primary"
        type="submit"
        className={styles.wide ?? ""}
        disabled={login.trim() === "" || password === "" || signing.isPending}
        data-testid="sign-in"
      >
        {signing.isPending ? "Signing in…" : "Sign in"}
      </Button>
      <ProviderButtons returnTo={returnTo} invitation="" />
    </form>
  );
}

/** Buttons for the OpenID providers, if the site has any. */
export function ProviderButtons({
  returnTo,
  invitation,
}: {
  readonly returnTo: string;
  readonly invitation: string;
}) {
  const { data: options } = useQuery(signInOptionsQuery);
  const going = useMutation({
    mutationFn: () => providerAddress(returnTo, invitation),
    onSuccess: (address) => window.location.assign(address),
  });
  if (!options || options.providers.length === 0) return null;
  return (
    <>
      <span className={styles.or}>or</span>
      {options.providers.map((name) => (
        <Button
          key={name}
          className={styles.wide ?? ""}
          disabled={going.isPending}
          onClick={() => going.mutate()}
          data-testid="provider"
        >
          Continue with {name}
        </Button>
      ))}
      {going.error && <Notice tone="bad" title={messageOf(going.error)} />}
    </>
  );
}
