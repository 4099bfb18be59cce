import type { AuditEntry } from "@/api/types";

type Details = AuditEntry["details"];

/** One entry as a sentence without its subject: "gave Ada the role verifier". */
export function auditText({ action, details }: AuditEntry): string {
  return SENTENCES[action]?.(details) ?? action.replace(".", " ").replaceAll("_", " ");
}

const SENTENCES: Readonly<Record<string, (details: Details) => string>> = {
  "member.added": (about) => `added ${nameOf(about)} as ${word(about, "to")}`,
  "member.role_changed": (about) => `made ${nameOf(about)} ${word(about, "to")} (was ${word(about, "from")})`,
  "member.removed": (about) => `removed ${nameOf(about)} (was ${word(about, "from")})`,
  "invitation.made": (about) => `made an invitation${invitationOf(about)}`,
  "invitation.withdrawn": (about) => `withdrew an invitation${invitationOf(about)}`,
  "invitation.accepted": (about) => `accepted an invitation${invitationOf(about)}`,
  "administrator.accepted": () => "became the first administrator",
  "administrator.link_made": () => "made a link for the first administrator",
  "password.accepted": () => "chose a new password by link",
  "password.link_made": (about) => `made a link for a new password of ${nameOf(about)}`,
  "password.ended": () => "proved their address with the provider; the password and tokens from before ended",
  "identity.linked": (about) => `signed in by ${word(about, "issuer")} for the first time`,
  "token.made": (about) => `made the API token ${nameOf(about)} for ${word(about, "scope")}`,
  "token.narrowed": (about) => `narrowed the API token ${nameOf(about)} to ${word(about, "scope")}`,
  "token.revoked": (about) => `revoked the API token ${nameOf(about)}`,
  "export.asked": (about) => `asked for an export in ${word(about, "format")}`,
  "export.deleted": (about) => `deleted an export in ${word(about, "format")}`,
  "import.asked": (about) => `uploaded the dataset ${word(about, "file")}`,
  "import.started": (about) => `began to import ${word(about, "file")}`,
  "import.done": (about) => `imported ${word(about, "num_objects")} objects from ${word(about, "file")}`,
  "import.undone": (about) => `took the objects of ${word(about, "file")} back`,
  "import.deleted": (about) => `deleted the import of ${word(about, "file")}`,
  "ontology.replaced": (about) =>
    `changed classes and attributes${word(about, "gone") && `, and removed ${word(about, "gone")}`}`,
  "ontology.extended": () => "added classes or attributes with an import",
  "verdict.recorded": (about) => `judged ${objectOf(about)} ${word(about, "verdict")}`,
  "verdict.withdrawn": (about) => `withdrew the verdict ${word(about, "verdict")} on ${objectOf(about)}`,
  "verdict.contested": (about) => `contested the verdict on ${objectOf(about)}: ${word(about, "reason")}`,
  "webhook.made": (about) => `made a webhook to ${word(about, "host")} for ${word(about, "events")}`,
  "webhook.changed": (about) => `changed the webhook to ${word(about, "host")}: ${word(about, "changed")}`,
  "webhook.paused": (about) => `paused the webhook to ${word(about, "host")}`,
  "webhook.resumed": (about) => `resumed the webhook to ${word(about, "host")}`,
  "webhook.secret_renewed": (about) => `renewed the secret of the webhook to ${word(about, "host")}`,
  "webhook.deleted": (about) => `deleted the webhook to ${word(about, "host")}`,
  "task.reassigned": changeOfHands,
  "video.rejected": (about) => `rejected the video ${word(about, "video")}: ${word(about, "reason")}`,
  "video.taken_back": (about) => `took the rejected video ${word(about, "video")} back`,
  "video.deleted": (about) => `deleted the video ${nameOf(about)}`,
  "project.deleted": (about) => `deleted the project ${nameOf(about)}`,
  "model.chosen": (about) => `set the model to ${modelOf(about, "after")} (was ${modelOf(about, "before")})`,
  "model.promoted": (about) => `promoted ${modelOf(about, "after")} (was ${modelOf(about, "before")})`,
  "model.rolled_back": (about) => `went back to ${modelOf(about, "after")} from ${modelOf(about, "before")}`,
  "default-model.promoted": (about) => `made ${word(about, "model")} the default model`,
  "default-model.rolled-back": (about) => `made ${word(about, "model")} the default model again`,
  "user.disabled_changed": (about) =>
    `${word(about, "to") === "true" ? "disabled" : "enabled"} ${nameOf(about)}`,
  "user.is_admin_changed": (about) =>
    word(about, "to") === "true"
      ? `made ${nameOf(about)} an administrator`
      : `took ${nameOf(about)} the administration`,
  "user.name_changed": (about) => `renamed ${word(about, "from")} to ${word(about, "to")}`,
};

function nameOf(about: Details): string {
  return word(about, "name") || word(about, "login") || "somebody";
}

function invitationOf(about: Details): string {
  const [role, note] = [word(about, "role"), word(about, "note")];
  return `${role && ` as ${role}`}${note && ` for ${note}`}`;
}

/** Older entries name no video, and people by their ids. */
function changeOfHands(about: Details): string {
  const [video, from] = [word(about, "video"), word(about, "from")];
  if (video === "") return "gave a task to somebody else";
  const subject = word(about, "object") === "" ? video : objectOf(about);
  const former = from && ` (was ${from}'s)`;
  return `gave the ${word(about, "kind")} task of ${subject} to ${word(about, "to") || "anybody"}${former}`;
}

function modelOf(about: Details, key: string): string {
  return word(about, key) || "the default model";
}

/** The object of a verdict by its names; older entries have none. */
function objectOf(about: Details): string {
  const object = word(about, "object");
  return object === "" ? "a masklet" : `${object} of ${word(about, "video")}`;
}

function word(about: Details, key: string): string {
  const value = about[key];
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.map(String).join(", ") : String(value);
}
