/** The backend's types by our names. Pixels are of the video of record; frames count from 0. */
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type Id = string;

export type Problem = Schemas["Problem"];
export type Job = Schemas["JobRead"];
export type Project = Schemas["ProjectRead"];
export type Video = Schemas["VideoRead"];
export type Filmstrip = Schemas["Filmstrip"];

/** Classes and attributes of a project. */
export type Ontology = Schemas["Ontology"];
export type ObjectClass = Schemas["ObjectClass"];
export type Attribute = Schemas["Attribute"];
export type AttributeScope = Schemas["AttributeScope"];
export type AttributeKind = Schemas["AttributeKind"];
export type OntologyWrite = Schemas["OntologyWrite"];
export type ReadOntology = Schemas["OntologyRead"];
/** A value of an attribute from a frame on; null where nothing is known any more. */
export type AttributeValue = Schemas["AttributeValue"];
export type ClassKey = NonNullable<ObjectClass["key"]>;

export type Phase = Schemas["Phase"];
/** A phase and its tools; the server rejects all others. */
export type PhaseRules = Schemas["PhaseRead"];
export type PhaseTool = Schemas["Tool"];
export type Masklet = Schemas["MaskletRead"];
export type Click = Schemas["ClickPrompt"];
export type Box = Schemas["BoxPrompt"];
export type PromptSet = Schemas["PromptSetRead"];
/** COCO run-length encoding: size is [height, width], counts the compressed string. */
export type Rle = Schemas["EncodedMask"];
export type FrameMask = Schemas["FrameMaskRead"];
/** mask null = never tracked; area 0 = the object is absent on this frame. */
export type FrameState = Schemas["FrameStateRead"];
export type Direction = Schemas["Direction"];
export type Run = Schemas["RunRead"];
export type ActionRef = Schemas["ActionRef"];
export type Changes = Schemas["Changes"];
export type EditResult = Schemas["EditRead"];

export type ActivityEvent = Schemas["ActivityEventCreate"];
export type ActivityKind = Schemas["ActivityKind"];
export type VideoTiming = Schemas["VideoTimingRead"];
export type Insights = Schemas["InsightsRead"];
export type PhaseRow = Schemas["PhaseRow"];
export type Estimate = Schemas["EstimateRead"];
export type MaskletTiming = Schemas["MaskletTimingRead"];

/** A search for automatic masklets. */
export type AutoLabeling = Schemas["AutoLabelingRead"];
export type AutoLabelingOptions = Schemas["AutoLabelingCreate"];

export type VerdictValue = Schemas["VerdictKind"];
export type ReviewItem = Schemas["ReviewItem"];
/** A verdict that was given before, with the name of its verifier. */
export type PastVerdict = Schemas["PastVerdict"];
/** Whose turn it is with a masklet. */
export type WorkState = Schemas["WorkState"];
export type VerdictResult = Schemas["VerdictRead"];

export type Task = Schemas["TaskRead"];
export type TaskKind = Schemas["TaskKind"];
/** A task that is ours, and the header its writes carry. */
export type ClaimedTask = Schemas["ClaimedTask"];
export type VideoLease = Schemas["VideoLease"];

export type Study = Schemas["StudyRead"];
/** With everybody's objects, phases and progress. */
export type StudyDetails = Schemas["StudyDetails"];
export type StudyArm = Schemas["ArmRead"];
export type StudyChoices = Schemas["StudyChoices"];

export type DatasetExport = Schemas["ExportRead"];
export type NewExport = Schemas["ExportCreate"];
export type ExportFormat = Schemas["ExportFormatRead"];
/** A dataset that comes in: read, looked at, and only then written. */
export type DatasetImport = Schemas["ImportRead"];
/** With the dataset's videos and what becomes of each. */
export type ImportDetails = Schemas["ImportDetails"];
export type ImportVideo = Schemas["ImportVideoRead"];
export type ImportClass = Schemas["ImportClassRead"];
export type ImportAttribute = Schemas["ImportAttributeRead"];
export type NewImport = Schemas["ImportStart"];

export type ModelInfo = Schemas["ModelInfoRead"];
/** A model that projects can choose. */
export type Model = Schemas["ModelRead"];
export type Models = Schemas["ModelsRead"];
export type ModelVersion = Schemas["ModelVersionRead"];
export type Health = Schemas["HealthRead"];

export type ProjectModel = Schemas["ProjectModelRead"];
export type ModelChange = Schemas["ModelChangeRead"];
export type TuningPlan = Schemas["TuningPlan"];
export type Tuning = Schemas["TuningRead"];
export type TuningProgress = Schemas["TuningProgressRead"];
export type TuningDecision = Schemas["TuningDecision"];
/** One measure of the old and the new model on the held-out videos. */
export type Comparison = Schemas["ComparisonRead"];
/** A person's role in a project. */
export type Role = Schemas["Role"];
/** A permission in a project. */
export type Permission = Schemas["Permission"];
export type Me = Schemas["MeRead"];
export type SignInOptions = Schemas["SignInOptions"];
export type SignedInBrowser = Schemas["SignInRead"];
export type LinkFacts = Schemas["LinkRead"];
export type NewLink = Schemas["LinkCreated"];
export type Member = Schemas["MemberRead"];
export type Invitation = Schemas["InvitationRead"];
export type Account = Schemas["UserRead"];
export type ApiToken = Schemas["TokenRead"];
export type NewToken = Schemas["TokenCreated"];
export type Webhook = Schemas["WebhookRead"];
export type NewWebhookSecret = Schemas["WebhookSecret"];
export type WebhookEvent = Schemas["WebhookEvent"];
export type WebhookDelivery = Schemas["DeliveryRead"];
export type AuditEntry = Schemas["AuditRead"];
export type AuditPage = Schemas["AuditPage"];
