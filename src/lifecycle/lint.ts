import { Problem } from '../errors';
import { Inventory, PolicyDocument, Timestamp } from './model';

/** Warnings about a valid policy: what is legal and hardly meant. */
export function lint(_policy: PolicyDocument, _inventory?: Inventory, _now?: Timestamp): Problem[] {
  return [];
}
