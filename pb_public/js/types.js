// The shapes the server answers with, as the inbox uses them. Names are those of the collections.

/** @typedef {'owner'|'admin'|'member'|'viewer'} Role */
/** @typedef {'new'|'in_progress'|'resolved'|'archived'} ItemStatus */
/** @typedef {'queued'|'sending'|'sent'|'delayed'|'bounced'|'failed'} DeliveryState */
/** @typedef {'customer'|'team'|'outside'} Audience who will read what is written */

/** @typedef {{name: string, mailDomain: string, publicURL: string, problems: string[], setup: boolean, setupOpen?: boolean, setupCode?: boolean}} Status */
/** One finding of the doctor. @typedef {{name: string, status: 'pass'|'warn'|'fail', says: string, paste?: string}} Check */
/** @typedef {{id: string, name: string, email: string, muteApp: boolean, muteEmail: boolean, undoSeconds?: number, avatar?: string, timezone?: string, language?: string}} Me */
/**
 * @typedef {{id: string, name: string, slug: string, plan: string, sideConversations: boolean, reopenOnReply: boolean,
 *   unverifiedReplies: 'accept'|'hold', senderName: string, signature: string, linkDays: number,
 *   portalColor?: string, portalWelcome?: string, heldDays?: number, retentionDays?: number, rejectedMail?: 'refuse'|'hold', role: Role}} Project
 */
/** @typedef {{inbox: number, mine: number, unassigned: number, waiting: number, answered: number, held: number, notifications: number}} Counters */
/**
 * @typedef {{id: string, project: string, number: number, title: string, submitterName: string, submitterEmail: string,
 *   status: ItemStatus, category: string, assignee: string, assigneeName: string, lastActivity: string, sideCount: number,
 *   sideAnswered: number, waitingOn: string, waitingSince: string, trouble: string, unread: boolean}} Row
 */
/** @typedef {{items: Row[], next: string, counters: Counters}} Page */

/** @typedef {{file: string, name: string, type?: string, size?: number, inline?: boolean}} StoredFile */
/**
 * @typedef {{id: string, participant: string, state: DeliveryState, attempts: number, nextAttempt: string, response: string,
 *   updated: string, recipient?: string, remote?: string, timeline?: {at: string, state: string, who?: string, said?: string}[]}} Delivery
 */
/** @typedef {{id: string, name: string, email: string, state: 'active'|'bounced'|'removed', aliases?: string[]|null}} Participant */
/**
 * @typedef {{id: string, direction: 'in'|'out', authorName: string, fromName: string, body: string,
 *   files: (StoredFile|string)[], created: string, delivery: Delivery|null, quoted?: string, kind?: string, trust?: string,
 *   trustReason?: string, hasHTML?: boolean}} CustomerMessage
 */
/** @typedef {{id: string, author: string, authorName: string, body: string, files: (StoredFile|string)[], created: string}} Note */
/**
 * @typedef {{id: string, direction: 'in'|'out', channel: 'inbox'|'email'|'portal', author: string, authorName: string,
 *   participant: string, fromName: string, fromEmail: string, body: string, hasHTML: boolean, hasQuoted: boolean,
 *   quoted: string, kind: string, trust: 'team'|'verified'|'other_sender'|'unverified'|'shared_link', trustReason: string,
 *   accepted: boolean, late?: boolean,
 *   context?: {number: number, submitterName?: string, submitterEmail?: string, status: string, excerpt: string}|null, warnings: string[], files: StoredFile[], includeContext: boolean, sharePortal: boolean, to: string[],
 *   created: string, deliveries: Delivery[]}} SideMessage
 */
/**
 * @typedef {{id: string, subject: string, status: 'open'|'closed', startedBy: string, startedByName: string,
 *   sharePortal: boolean, messageCount: number, lastMessage: string, lastReply: string, waitingSince: string,
 *   snippet: string, snippetBy: string, participants: Participant[], messages: SideMessage[]}} Conversation
 */
/**
 * @typedef {{id: string, project: string, number: number, message: string, category: string, status: ItemStatus,
 *   submitterName: string, submitterEmail: string, assignee: string, assigneeName: string, followers: string[],
 *   context: any, created: string,
 *   files?: StoredFile[]|null, attachments?: string[]}} Feedback
 */
/** @typedef {{id: string, name: string, role: Role}} Teammate */
/**
 * @typedef {{item: Feedback,
 *   project: {id: string, name: string, slug: string, role: Role, sideConversations: boolean, sideConversationsWhy: string},
 *   team: Teammate[], customerMessages: CustomerMessage[], notes: Note[], conversations: Conversation[],
 *   activity: {id: string, event: string, text: string, created: string, actorName: string}[],
 *   notifications: {id: string, event: string, read: boolean, conversation: string}[]}} ItemPage
 */
/** @typedef {{id: string, event: string, text: string, feedback: string, number: number, project: string, conversation: string, read: boolean, created: string}} Notice */
/**
 * @typedef {{id: string, reason: string, from: string, subject: string, excerpt: string, created: string,
 *   suggestion: {conversation: string, subject: string, feedback: string, number: number}|null}} HeldMail
 */
/** @typedef {{envelope: Record<string, any>, checks: {name: string, result: string, detail: string}[], decision: string}} Trace */
/** @typedef {{id: string, number: number, title: string, status: ItemStatus, lastActivity: string}} Expiring an item that retention deletes next */
/**
 * What a project has of one person, in numbers.
 * @typedef {{email: string, addresses: string[], names: {name: string, mentions: number, whole: boolean}[],
 *   account: {name: string, role: Role|''}|null, counts: Record<string, number>, words: string[]}} Somebody
 */
/** @typedef {{id: string, kind: 'export'|'erase'|'retention', state: 'queued'|'running'|'waiting'|'done', text: string, waiting: string, created: string}} PrivacyLine */
/** @typedef {{subject: string, text: string, html: string, portal?: string}} Preview */
/** @typedef {{name: string, email: string, conversations?: number}} Person */
/** @typedef {{id: string, subject: string, status: string, number: number, submitter: string}} Found a side conversation, found by its subject */

/** @typedef {'reply'|'answer'|'note'} ThreadKind a follow-up to the outside, an answer to the customer, a note for the team */
/**
 * Something written and not yet known to be stored by the server.
 * @typedef {{key: string, kind: ThreadKind, thread: string, body: string, files: File[], fileNames: string[],
 *   state: 'sending'|'failed', error: string, at: string}} Pending
 */
/** @typedef {{status: number, message: string, fields: Record<string, string>}} Problem */

/** @typedef {'inbox'|'mine'|'unassigned'|'waiting'|'answered'|'resolved'|'all'} View */
/**
 * @typedef {{room: 'list'|'item'|'held'|'settings'|'privacy'|'me'|'reset'|'invite', project: string, view: View, item: string,
 *   q: string, conversation: string, token: string}} Route
 */
export {};
