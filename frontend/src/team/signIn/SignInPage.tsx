import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useLocation, useSearch } from "wouter";
import { actAs } from "@/api/person";
import { meQuery, signInOptionsQuery } from "@/api/queries";
import { LoadFailed, Notice } from "@/ui/Notice";
import { Skeleton } from "@/ui/Skeleton";
import styles from "../Team.module.css";
import { SignInForm } from "./SignInForm";

const PROBLEMS: Record<string, string> = {
  "not-invited": "You have no account here. Ask a manager for an invitation.",
  "provider-failed": "Signing in there did not work. Try again.",
  "link-not-valid": "The invitation was used, was withdrawn or has expired. Ask for a new one.",
};

/** The page for signing in; returns to the page that asked for it. */
export function SignInPage() {
  const { data: options, error, refetch } = useQuery(signInOptionsQuery);
  const search = new URLSearchParams(useSearch());
  const [, navigate] = useLocation();
  const queryClient = useQueryClient();
  const returnTo = ownPath(search.get("to"));
  const problem = search.get("problem");
  return (
    <div className={styles.door}>
      <section className={styles.doorCard} data-testid="sign-in-page">
        <h1>Sign in to Maskloom</h1>
        {problem !== null && <Notice tone="bad" title={PROBLEMS[problem] ?? "Signing in did not work."} />}
        {options?.needs_administrator && (
          <Notice tone="warn" title="Nobody can sign in yet">
            Maskloom printed a link for the first administrator when it started.{" "}
            <code>maskloom user link</code> prints a new one.
          </Notice>
        )}
        {error && !options && <LoadFailed error={error} onRetry={() => void refetch()} />}
        {!options && !error && <Skeleton height={180} />}
        {options && (
          <SignInForm
            returnTo={returnTo}
            onSignedIn={(me) => {
              actAs(me.id);
              queryClient.clear();
              queryClient.setQueryData(meQuery.queryKey, me);
              navigate(returnTo, { replace: true });
            }}
          />
        )}
      </section>
    </div>
  );
}

/** A path of this site; addresses of other sites become "/". */
export function ownPath(to: string | null): string {
  return to?.startsWith("/") && !to.startsWith("//") && !to.startsWith("/\\") ? to : "/";
}
