import { problem } from './codes';
import { Home } from './ownership';
import { RepositoryAddress, Tag } from '../ecr/registry';
import { DrydockError, Problem } from '../errors';
import { isRepositoryName } from '../resources';

/**
 * Reads properties as CloudFormation sends them: numbers and booleans are strings. Every problem is collected. Properties that are
 * not asked for are left alone (a later release may have written them); asking with a fallback defaults those that an earlier
 * release did not know.
 */
export class PropertyReader {
  public readonly problems: Problem[] = [];

  constructor(private readonly properties: Readonly<Record<string, unknown>>) {}

  public raw(name: string): unknown {
    return this.properties[name];
  }

  public text(name: string): string | undefined {
    const value = this.properties[name];
    if (value === undefined || value === '') {
      return undefined;
    }
    if (typeof value !== 'string') {
      this.wrong(name, value, 'must be text');
      return undefined;
    }
    return value;
  }

  public flag(name: string, fallback: boolean): boolean {
    const value = this.properties[name];
    if (value === undefined || value === '') {
      return fallback;
    }
    const text = String(value).toLowerCase();
    if (text !== 'true' && text !== 'false') {
      this.wrong(name, value, 'must be true or false');
      return fallback;
    }
    return text === 'true';
  }

  public choice<T extends string>(name: string, allowed: readonly T[], fallback: T): T {
    const value = this.properties[name];
    if (value === undefined || value === '') {
      return fallback;
    }
    if (!allowed.includes(value as T)) {
      this.wrong(name, value, `must be one of ${allowed.join(', ')}`);
      return fallback;
    }
    return value as T;
  }

  public objects(name: string): readonly Record<string, unknown>[] {
    const value = this.properties[name];
    if (value === undefined || value === '') {
      return [];
    }
    if (!Array.isArray(value) || !value.every(isObject)) {
      this.wrong(name, value, 'must be a list of objects');
      return [];
    }
    return value;
  }

  public object(name: string): Record<string, unknown> | undefined {
    const value = this.properties[name];
    if (value === undefined || value === '') {
      return undefined;
    }
    if (!isObject(value)) {
      this.wrong(name, value, 'must be an object');
      return undefined;
    }
    return value;
  }

  public tags(name: string): readonly Tag[] {
    return this.objects(name).flatMap(({ Key, Value }, index) => {
      if (typeof Key !== 'string' || Key === '') {
        this.wrong(`${name}/${index}/Key`, Key, 'must be text');
        return [];
      }
      return [{ Key, Value: Value === undefined ? '' : String(Value) }];
    });
  }

  public repositoryName(required: boolean, property = 'RepositoryName'): string {
    const name = this.text(property);
    if (name === undefined) {
      if (required && this.problems.every((p) => p.pointer !== property)) {
        this.missing(property, 'Give the name of the repository.');
      }
      return '';
    }
    if (!isRepositoryName(name)) {
      this.wrong(property, name, 'must be 2 to 256 characters: lower-case letters and digits, in parts joined by one of . _ __ - /');
    }
    return name;
  }

  /** The repository; the own account is left out, so that it is one address however it was written. */
  public address(home: Home, required = true): RepositoryAddress {
    return this.addressOf(home, required, '');
  }

  /** A second repository, whose properties begin with a word; undefined when it is not given. */
  public otherAddress(home: Home, prefix: string): RepositoryAddress | undefined {
    const address = this.addressOf(home, false, prefix);
    return address.repositoryName === '' ? undefined : address;
  }

  private addressOf(home: Home, required: boolean, prefix: string): RepositoryAddress {
    const repositoryName = this.repositoryName(required, `${prefix}RepositoryName`);
    const registryId = this.text(`${prefix}RegistryId`);
    if (registryId !== undefined && !/^\d{12}$/.test(registryId)) {
      this.wrong(`${prefix}RegistryId`, registryId, 'must be the twelve digits of an account');
    }
    return { repositoryName, ...(registryId === undefined || registryId === home.accountId ? {} : { registryId }) };
  }

  /** What another validator found, placed below a property. */
  public add(name: string, problems: readonly Problem[]): void {
    this.problems.push(...problems.map((p) => ({ ...p, pointer: `${name}${p.pointer}` })));
  }

  public missing(name: string, fix: string): void {
    this.problems.push(problem('DD-HANDLER-001', name, `${name} is missing.`, { fix }));
  }

  public wrong(name: string, value: unknown, must: string): void {
    const shown = JSON.stringify(value) ?? 'undefined';
    this.problems.push(problem('DD-HANDLER-002', name, `${name} is ${shown.length > 120 ? `${shown.slice(0, 120)}…` : shown}; it ${must}.`, { value }));
  }

  /** Throws everything that was found, at once. */
  public check(heading: string): void {
    if (this.problems.length > 0) {
      throw new DrydockError(this.problems, { heading });
    }
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
