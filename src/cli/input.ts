import { readFileSync } from 'node:fs';
import { cliError } from './codes';
import { FaultScript, readFaultScript } from '../emulator';
import { DrydockError } from '../errors';
import { imagesOf, readInventory } from '../lifecycle/inventory';
import { Inventory, PolicyDocument } from '../lifecycle/model';
import { epochMillis } from '../lifecycle/time';
import { validatePolicy, validatePolicyText, ValidationResult } from '../lifecycle/validate';

/** Standard input can be read once. */
export function oneStandardInput<O extends object>(options: O, names: readonly (keyof O & string)[]): void {
  const asked = names.filter((name) => options[name] === '-').map((name) => `--${name}`);
  if (asked.length > 1) {
    throw cliError('DD-CLI-007', asked[1], `${asked.join(' and ')} cannot both be standard input.`, 'Give one of them as a file.');
  }
}

/** `-` is standard input. */
export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw cliError('DD-CLI-001', file, `The file cannot be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}.`, 'Give the path of a file, or - for standard input.');
  }
}

export function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw cliError('DD-CLI-002', file, `The file is not JSON: ${(error as Error).message}.`);
  }
}

/** A policy as a file holds it: the document itself, or an answer of the ECR API with `lifecyclePolicyText`. */
export function validatePolicyFile(file: string): ValidationResult {
  const text = readText(file);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return validatePolicyText(text);
  }
  if (typeof document === 'object' && document !== null && 'lifecyclePolicyText' in document) {
    const inner = document.lifecyclePolicyText;
    if (typeof inner !== 'string') {
      throw cliError('DD-CLI-006', file, 'lifecyclePolicyText is not text.', 'Give the policy document, or an answer of GetLifecyclePolicy.', inner);
    }
    return validatePolicyText(inner);
  }
  return validatePolicy(document);
}

/** The same, and nothing but a valid policy. */
export function readPolicy(file: string): PolicyDocument {
  const result = validatePolicyFile(file);
  if (!result.policy) {
    throw new DrydockError(result.problems, { heading: `${file}: the lifecycle policy is not valid` });
  }
  return result.policy;
}

export function readFaultsFile(file: string): FaultScript {
  return readFaultScript(readJson(file));
}

export function readInventoryFile(file: string): Inventory {
  return readInventory(readJson(file));
}

/** The images of one repository: the named one, or the only one. */
export function selectRepository(inventory: Inventory, name: string | undefined, file: string): { inventory: Inventory; repositoryName?: string } {
  const names = [...new Set([...inventory.imageDetails.map((image) => image.repositoryName), ...(inventory.repositories ?? []).map((repository) => repository.repositoryName)])]
    .filter((known): known is string => known !== undefined);
  if (name !== undefined) {
    if (!names.includes(name) && names.length > 0) {
      throw cliError('DD-CLI-003', '--repository', `${JSON.stringify(name)} is not in ${file}.`, `It has ${names.join(', ')}.`, name);
    }
    return { inventory: names.length === 0 ? inventory : imagesOf(inventory, name), repositoryName: name };
  }
  if (names.length > 1) {
    throw cliError('DD-CLI-003', file, `The inventory holds ${names.length} repositories.`, `Choose one with --repository: ${names.slice(0, 20).join(', ')}.`);
  }
  return { inventory, repositoryName: names[0] };
}

export function readTime(text: string | undefined, option: string): number {
  if (text === undefined) {
    return Date.now();
  }
  const millis = epochMillis(/^\d+(\.\d+)?$/.test(text) ? Number(text) : text);
  if (Number.isNaN(millis)) {
    throw cliError('DD-CLI-005', option, `${JSON.stringify(text)} is not a point in time.`, 'Write ISO 8601 with a zone, for example 2026-01-31T12:00:00Z.', text);
  }
  return millis;
}

export function readCount(text: string, option: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > most) {
    throw cliError('DD-CLI-005', option, `${JSON.stringify(text)} is not a whole number from 0 to ${most}.`, undefined, text);
  }
  return value;
}

export function readFormat<T extends string>(text: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(text)) {
    throw cliError('DD-CLI-005', '--format', `${JSON.stringify(text)} is not a format.`, `Choose ${allowed.join(' or ')}.`, text);
  }
  return text as T;
}

export function readChoice<T extends string>(text: string, option: string, allowed: readonly T[]): T {
  if (!(allowed as readonly string[]).includes(text)) {
    throw cliError('DD-CLI-005', option, `${JSON.stringify(text)} is not one of ${allowed.join(', ')}.`, undefined, text);
  }
  return text as T;
}

/** Where a service is: an address of HTTP, and nothing more in it that would be lost. */
export function readEndpoint<T extends string | undefined>(text: T): T {
  if (text === undefined) {
    return text;
  }
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    url = undefined;
  }
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.host === '') {
    const guess = /^[\w.-]+(:\d+)?$/.test(text) ? ` Did you mean http://${text}?` : '';
    throw cliError('DD-CLI-005', '--endpoint', `${JSON.stringify(text)} is not the address of a service.`, `Write a URL, for example http://127.0.0.1:4510.${guess}`, text);
  }
  return text;
}

/** `KEY=VALUE`, as often as given. */
export function readPairs(pairs: readonly string[], option: string): Record<string, string> | undefined {
  if (pairs.length === 0) {
    return undefined;
  }
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) {
      throw cliError('DD-CLI-005', option, `${JSON.stringify(pair)} is not KEY=VALUE.`, undefined, pair);
    }
    return [pair.slice(0, at), pair.slice(at + 1)];
  }));
}
