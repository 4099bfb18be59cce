import type { Permission, Role } from "@/api/types";

export const ROLES: readonly Role[] = ["viewer", "annotator", "verifier", "manager"];

/** What each role allows, for the person who assigns it. */
export const ROLE_WORDS: Record<Role, string> = {
  viewer: "Looks at videos and masks",
  annotator: "Annotates",
  verifier: "Judges masklets",
  manager: "Does all of that, exports, and runs the project",
};

export const PERMISSION_WORDS: Record<Permission, string> = {
  view: "Read",
  annotate: "Annotate",
  verify: "Judge",
  export: "Export",
  manage: "Manage projects",
  create: "Create projects",
  account: "Change the account",
  administer: "Administer the site",
};

/** The scopes of an API token. */
export function tokenPermissions(isAdmin: boolean): readonly Permission[] {
  const all = Object.keys(PERMISSION_WORDS) as Permission[];
  return all.filter((each) => each !== "account" && (isAdmin || each !== "administer"));
}

export function roleText(role: Role | null): string {
  return role === null ? "an account, in no project yet" : role;
}
