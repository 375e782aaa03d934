import { QueryError } from '../../rehearsal/query-protocol';

/** Parameters of an action in the query protocol: `Tags.member.1.Key=...` and so on. */
export class Input {
  public static parse(text: string): Input {
    return new Input(new URLSearchParams(text), '');
  }

  private constructor(private readonly parameters: URLSearchParams, private readonly prefix: string) {}

  public text(name: string): string | undefined {
    return this.parameters.get(this.prefix + name) ?? undefined;
  }

  public required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') {
      throw new QueryError('ValidationError', `1 validation error detected: Value null at '${name[0].toLowerCase()}${name.slice(1)}' failed to satisfy constraint: Member must not be null`);
    }
    return value;
  }

  public flag(name: string): boolean {
    return this.text(name) === 'true';
  }

  public strings(name: string): string[] {
    return this.members(name).map((prefix) => this.parameters.get(prefix) ?? '');
  }

  public list(name: string): Input[] {
    return this.members(name).map((prefix) => new Input(this.parameters, `${prefix}.`));
  }

  public has(name: string): boolean {
    return [...this.parameters.keys()].some((key) => key === this.prefix + name || key.startsWith(`${this.prefix}${name}.`));
  }

  public get action(): string {
    return this.parameters.get('Action') ?? '';
  }

  private members(name: string): string[] {
    const start = `${this.prefix}${name}.member.`;
    const numbers = [...this.parameters.keys()].filter((key) => key.startsWith(start)).map((key) => /^\d+/.exec(key.slice(start.length))?.[0]);
    return [...new Set(numbers)].filter((number): number is string => number !== undefined).sort((a, b) => Number(a) - Number(b)).map((number) => start + number);
  }
}

export function validationError(message: string): QueryError {
  return new QueryError('ValidationError', message);
}

/** What CloudFormation would do and this one does not: refused by name, and never passed over. */
export function notHad(what: string): QueryError {
  return new QueryError('ValidationError', `DD-ACCOUNT-004: drydock's CloudFormation does not have ${what}.`);
}
