import { createHash } from 'node:crypto';
import { comparisonText } from './lifecycle/canonical';
import { PolicyDocument } from './lifecycle/model';

/** SHA-256 of the text's UTF-8 bytes, as 64 hex digits. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/**
 * The name of a policy's content: 16 hex digits that stay the same when only white space, the order of rules or of list entries changes.
 * An acknowledgement of the gate is bound to it.
 */
export function policyHash(policy: PolicyDocument): string {
  return sha256Hex(comparisonText(policy)).slice(0, 16);
}
