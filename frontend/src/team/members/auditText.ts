import type { AuditEntry } from "@/api/types";

/** One entry as a sentence without its subject: "gave Ada the role verifier". */
export function auditText({ action, details }: AuditEntry): string {
  const name = wordOf(details["name"]) || wordOf(details["login"]) || "somebody";
  const from = wordOf(details["from"]);
  const to = wordOf(details["to"]);
  switch (action) {
    case "member.added":
      return `added ${name} as ${to}`;
    case "member.role_changed":
      return `made ${name} ${to} (was ${from})`;
    case "member.removed":
      return `removed ${name} (was ${from})`;
    case "invitation.made":
      return `made an invitation${roleSuffix(details)}${noteSuffix(details)}`;
    case "invitation.withdrawn":
      return "withdrew an invitation";
    case "invitation.accepted":
      return `accepted an invitation${roleSuffix(details)}`;
    case "administrator.accepted":
      return "became the first administrator";
    case "password.accepted":
      return "chose a new password by link";
    case "administrator.link_made":
      return "made a link for the first administrator";
    case "password.link_made":
      return `made a link for a new password of ${name}`;
    case "identity.linked":
      return `signed in by ${wordOf(details["issuer"])} for the first time`;
    case "password.ended":
      return "proved their address with the provider; the password and tokens from before ended";
    case "token.made":
      return `made the API token ${name} for ${listOf(details["scope"])}`;
    case "token.narrowed":
      return `narrowed the API token ${name} to ${listOf(details["scope"])}`;
    case "token.revoked":
      return `revoked the API token ${name}`;
    case "export.asked":
      return `asked for an export in ${wordOf(details["format"])}`;
    case "export.deleted":
      return `deleted an export in ${wordOf(details["format"])}`;
    case "verdict.recorded":
      return `judged ${objectOf(details)} ${wordOf(details["verdict"])}`;
    case "verdict.withdrawn":
      return `withdrew the verdict ${wordOf(details["verdict"])} on ${objectOf(details)}`;
    case "verdict.contested":
      return `contested the verdict on ${objectOf(details)}: ${wordOf(details["reason"])}`;
    case "video.rejected":
      return `rejected the video ${wordOf(details["video"])}: ${wordOf(details["reason"])}`;
    case "video.deleted":
      return `deleted the video ${name}`;
    case "project.deleted":
      return `deleted the project ${name}`;
    case "user.disabled_changed":
      return to === "true" ? `disabled ${name}` : `enabled ${name}`;
    case "user.is_admin_changed":
      return to === "true" ? `made ${name} an administrator` : `took ${name} the administration`;
    case "user.name_changed":
      return `renamed ${from} to ${to}`;
    default:
      return action.replace(".", " ").replaceAll("_", " ");
  }
}

function roleSuffix(details: AuditEntry["details"]): string {
  const role = wordOf(details["role"]);
  return role ? ` as ${role}` : "";
}

function noteSuffix(details: AuditEntry["details"]): string {
  const note = wordOf(details["note"]);
  return note ? ` for ${note}` : "";
}

/** The object of a verdict by its names; older entries have none. */
function objectOf(details: AuditEntry["details"]): string {
  const object = wordOf(details["object"]);
  return object === "" ? "a masklet" : `${object} of ${wordOf(details["video"])}`;
}

function listOf(value: unknown): string {
  return Array.isArray(value) ? value.map(wordOf).join(", ") : wordOf(value);
}

function wordOf(value: unknown): string {
  return value === null || value === undefined ? "" : String(value);
}
