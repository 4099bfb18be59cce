/** Calls about people: signing in, accounts, members, invitations, API tokens, the audit trail. */
import { abortable, allPages, api, settled } from "./client";
import { actAs } from "./person";
import type {
  Account,
  ApiToken,
  AuditPage,
  Id,
  Invitation,
  LinkFacts,
  Me,
  Member,
  NewLink,
  NewToken,
  Role,
  SignedInBrowser,
  SignInOptions,
} from "./types";

export function fetchSignInOptions(signal?: AbortSignal): Promise<SignInOptions> {
  return settled(api.GET("/api/sign-in", abortable(signal)));
}

/** The first answer tells for whom the page is; later ones fail if somebody else has signed in since. */
export async function fetchMe(signal?: AbortSignal): Promise<Me> {
  const me = await settled(api.GET("/api/me", abortable(signal)));
  actAs(me.id);
  return me;
}

export function signIn(login: string, password: string): Promise<Me> {
  return settled(api.POST("/api/sign-in", { body: { login, password } }));
}

export function signOut(): Promise<unknown> {
  return settled(api.POST("/api/sign-out"));
}

/** The address of the OpenID provider to go to. `returnTo` is the path to come back to. */
export async function providerAddress(returnTo: string, invitation: string): Promise<string> {
  return (await settled(api.POST("/api/sign-in/provider", { body: { place: returnTo, invitation } })))
    .address;
}

export function readLink(secret: string): Promise<LinkFacts> {
  return settled(api.POST("/api/links/read", { body: { secret } }));
}

export interface NewAccount {
  readonly secret: string;
  readonly name: string | null;
  readonly login: string | null;
  readonly password: string;
  readonly end_tokens: boolean;
}

export function redeemLink(body: NewAccount): Promise<Me> {
  return settled(api.POST("/api/links/use", { body }));
}

/** The project of the invitation; null for an invitation to an account only. */
export function joinByLink(secret: string): Promise<Id | null> {
  return settled(api.POST("/api/links/join", { body: { secret } }));
}

export function renameMe(name: string): Promise<Me> {
  return settled(api.PATCH("/api/me", { body: { name } }));
}

export function changePassword(old: string, fresh: string, endTokens: boolean): Promise<unknown> {
  return settled(api.PUT("/api/me/password", { body: { old, new: fresh, end_tokens: endTokens } }));
}

export function fetchSignIns(signal?: AbortSignal): Promise<readonly SignedInBrowser[]> {
  return allPages((query) => api.GET("/api/me/sign-ins", { params: { query }, ...abortable(signal) }));
}

export function endSignIn(signInId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/me/sign-ins/{sign_in_id}", { params: { path: { sign_in_id: signInId } } }));
}

export function signOutEverywhere(): Promise<unknown> {
  return settled(api.DELETE("/api/me/sign-ins"));
}

export function fetchTokens(signal?: AbortSignal): Promise<readonly ApiToken[]> {
  return allPages((query) => api.GET("/api/me/tokens", { params: { query }, ...abortable(signal) }));
}

export interface TokenWish {
  readonly name: string;
  readonly scope: ApiToken["scope"];
  readonly project_id: Id | null;
  readonly days: number;
}

export function createToken(body: TokenWish): Promise<NewToken> {
  return settled(api.POST("/api/me/tokens", { body }));
}

export function revokeToken(tokenId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/me/tokens/{token_id}", { params: { path: { token_id: tokenId } } }));
}

function ofProject(projectId: Id) {
  return { params: { path: { project_id: projectId } } };
}

function ofMember(projectId: Id, userId: Id) {
  return { params: { path: { project_id: projectId, user_id: userId } } };
}

export function fetchMembers(projectId: Id, signal?: AbortSignal): Promise<readonly Member[]> {
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/members", { params: { path, query }, ...abortable(signal) }),
  );
}

export function setRole(projectId: Id, userId: Id, role: Role): Promise<Member> {
  return settled(
    api.PUT("/api/projects/{project_id}/members/{user_id}", {
      ...ofMember(projectId, userId),
      body: { role },
    }),
  );
}

export function removeMember(projectId: Id, userId: Id): Promise<unknown> {
  return settled(api.DELETE("/api/projects/{project_id}/members/{user_id}", ofMember(projectId, userId)));
}

/** Invitations to a project, or, without one, to an account alone. */
export function fetchInvitations(projectId: Id | null, signal?: AbortSignal): Promise<readonly Invitation[]> {
  if (projectId === null) {
    return allPages((query) => api.GET("/api/invitations", { params: { query }, ...abortable(signal) }));
  }
  const path = { project_id: projectId };
  return allPages((query) =>
    api.GET("/api/projects/{project_id}/invitations", { params: { path, query }, ...abortable(signal) }),
  );
}

export interface InvitationWish {
  readonly role: Role;
  readonly note: string;
  readonly email: string | null;
  readonly days: number;
}

export function invite(projectId: Id | null, { role, ...rest }: InvitationWish): Promise<NewLink> {
  if (projectId === null) return settled(api.POST("/api/invitations", { body: rest }));
  return settled(
    api.POST("/api/projects/{project_id}/invitations", {
      ...ofProject(projectId),
      body: { role, ...rest },
    }),
  );
}

export function withdrawInvitation(projectId: Id | null, invitationId: Id): Promise<unknown> {
  if (projectId === null) {
    const path = { invitation_id: invitationId };
    return settled(api.DELETE("/api/invitations/{invitation_id}", { params: { path } }));
  }
  const path = { project_id: projectId, invitation_id: invitationId };
  return settled(api.DELETE("/api/projects/{project_id}/invitations/{invitation_id}", { params: { path } }));
}

/** Of a project or, without one, of the whole site; newest first. */
export function fetchAudit(
  projectId: Id | null,
  before: number | null,
  signal?: AbortSignal,
): Promise<AuditPage> {
  const query = before === null ? {} : { before };
  if (projectId === null) return settled(api.GET("/api/audit", { params: { query }, ...abortable(signal) }));
  const params = { path: { project_id: projectId }, query };
  return settled(api.GET("/api/projects/{project_id}/audit", { params, ...abortable(signal) }));
}

export function fetchAccounts(signal?: AbortSignal): Promise<readonly Account[]> {
  return allPages((query) => api.GET("/api/users", { params: { query }, ...abortable(signal) }));
}

export interface AccountChange {
  readonly is_admin?: boolean;
  readonly disabled?: boolean;
}

export function changeAccount(userId: Id, body: AccountChange): Promise<Account> {
  return settled(api.PATCH("/api/users/{user_id}", { params: { path: { user_id: userId } }, body }));
}

export function makePasswordLink(userId: Id): Promise<NewLink> {
  return settled(api.POST("/api/users/{user_id}/password-link", { params: { path: { user_id: userId } } }));
}
