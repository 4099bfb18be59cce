import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useLocation } from "wouter";
import { joinByLink, type NewAccount, readLink, redeemLink } from "@/api/people";
import { actAs } from "@/api/person";
import { messageOf } from "@/api/problem";
import { meQuery } from "@/api/queries";
import type { LinkFacts, Me } from "@/api/types";
import { Button, buttonClass } from "@/ui/Button";
import { EmptyState } from "@/ui/EmptyState";
import { TextField } from "@/ui/Field";
import { Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import { EndTokens } from "../EndTokens";
import { roleText } from "../roles";
import styles from "../Team.module.css";
import { ProviderButtons } from "./SignInForm";

const SHORTEST_PASSWORD = 10;

/** Opened by a one-time link. Its secret is in the fragment (#), which browsers do not send. */
export function WelcomePage() {
  const [secret] = useState(() => window.location.hash.slice(1));
  const facts = useQuery({
    queryKey: ["link", secret],
    queryFn: () => readLink(secret),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const me = useQuery({ ...meQuery, retry: false });
  if (facts.error) return <NotValid error={facts.error} />;
  if (!facts.data || me.isPending) return <Door title="Welcome">{<Skeleton height={180} />}</Door>;
  const signedIn = me.data && me.data.way === "browser" ? me.data : null;
  if (facts.data.kind === "invitation" && signedIn)
    return <Join secret={secret} facts={facts.data} me={signedIn} />;
  return <NewPassword secret={secret} facts={facts.data} />;
}

function NotValid({ error }: { readonly error: unknown }) {
  return (
    <EmptyState
      icon="warning"
      title="This link is no longer valid"
      alone
      testId="link-not-valid"
      action={
        <Link href="/" className={buttonClass()}>
          To Maskloom
        </Link>
      }
    >
      {messageOf(error)}
    </EmptyState>
  );
}

function Door({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <div className={styles.door}>
      <section className={styles.doorCard} data-testid="welcome">
        <h1>{title}</h1>
        {children}
      </section>
    </div>
  );
}

interface LinkProps {
  readonly secret: string;
  readonly facts: LinkFacts;
}

function whatFor({ kind, project_name, role, login }: LinkFacts): string {
  if (kind === "administrator")
    return "You will be the administrator of this Maskloom, and keep every project that is on it.";
  if (kind === "password")
    return `A new password for ${login}. Every browser that is signed in as you is signed out.`;
  if (project_name === null) return "You are invited to this Maskloom.";
  return `You are invited to ${project_name} as ${roleText(role)}.`;
}

function Join({ secret, facts, me }: LinkProps & { readonly me: Me }) {
  const [, navigate] = useLocation();
  const queryClient = useQueryClient();
  const joining = useMutation({
    mutationFn: () => joinByLink(secret),
    onSuccess: async (projectId) => {
      await queryClient.invalidateQueries({ queryKey: ["projects"] });
      navigate(projectId === null ? "/" : `/projects/${projectId}`, { replace: true });
    },
  });
  return (
    <Door title="Invitation">
      <p className={styles.hint}>{whatFor(facts)}</p>
      {joining.error && <Notice tone="bad" title={messageOf(joining.error)} />}
      <Button
        tone="primary"
        className={styles.wide ?? ""}
        disabled={joining.isPending}
        onClick={() => joining.mutate()}
        data-testid="join"
      >
        Join as {me.name}
      </Button>
    </Door>
  );
}

function NewPassword({ secret, facts }: LinkProps) {
  const [name, setName] = useState("");
  const [login, setLogin] = useState(facts.email ?? "");
  const [password, setPassword] = useState("");
  const [endTokens, setEndTokens] = useState(true);
  const fresh = facts.login === null;
  const who = fresh ? { name: name.trim() || null, login: login.trim() } : { name: null, login: null };
  // A first password ends nothing: there was no earlier one with which somebody may have made tokens.
  const asks = !fresh && facts.num_tokens > 0;
  const using = useRedeemed({ ...who, secret, password, end_tokens: !fresh && endTokens });
  const short = password.length < SHORTEST_PASSWORD;
  return (
    <Door title={facts.kind === "password" ? "New password" : "Welcome"}>
      <p className={styles.hint}>{whatFor(facts)}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          using.mutate();
        }}
      >
        {fresh && <NewPerson name={name} login={login} onName={setName} onLogin={setLogin} />}
        <TextField
          label="Password"
          hint={`At least ${SHORTEST_PASSWORD} characters; a sentence is good`}
          type="password"
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          data-testid="password"
        />
        {asks && <EndTokens checked={endTokens} onChange={setEndTokens} />}
        {using.error && <Notice tone="bad" title={messageOf(using.error)} testId="welcome-problem" />}
        <Button
          tone="primary"
          type="submit"
          className={styles.wide ?? ""}
          disabled={short || (fresh && (name.trim() === "" || login.trim() === "")) || using.isPending}
          data-testid="welcome-go"
        >
          {facts.kind === "password" ? "Set the password and sign in" : "Create the account"}
        </Button>
        {facts.kind === "invitation" && <ProviderButtons returnTo="/" invitation={secret} />}
      </form>
    </Door>
  );
}

/** Uses the link and goes on as the person it signed in. */
function useRedeemed(body: NewAccount) {
  const [, navigate] = useLocation();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => redeemLink(body),
    onSuccess: (me) => {
      actAs(me.id);
      queryClient.clear();
      queryClient.setQueryData(meQuery.queryKey, me);
      navigate("/", { replace: true });
    },
  });
}

interface NewPersonProps {
  readonly name: string;
  readonly login: string;
  readonly onName: (name: string) => void;
  readonly onLogin: (login: string) => void;
}

function NewPerson({ name, login, onName, onLogin }: NewPersonProps) {
  return (
    <>
      <TextField
        label="Your name"
        hint="As others see it"
        autoComplete="name"
        autoFocus
        maxLength={100}
        value={name}
        onChange={(event) => onName(event.target.value)}
        data-testid="name"
      />
      <TextField
        label="Login"
        hint="An e-mail address or a short name, without spaces"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={200}
        value={login}
        onChange={(event) => onLogin(event.target.value)}
        data-testid="login"
      />
    </>
  );
}
