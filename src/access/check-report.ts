import { AccessCode } from './codes';
import { isKnown, Statement } from './model';
import { Problem } from '../errors';

/** Where the checks of one statement put what they find. */
export class StatementReport {
  private readonly name: string;

  constructor(
    public readonly statement: Statement & Record<string, unknown>,
    private readonly at: string,
    private readonly problems: Problem[],
    private readonly warnings: Problem[],
  ) {
    this.name = typeof statement.Sid === 'string' && isKnown(statement.Sid) ? `Statement ${this.show(statement.Sid)}` : 'The statement';
  }

  public problem(code: AccessCode, where: string, what: string, value: unknown, fix: string): void {
    this.problems.push({ code, pointer: this.at + where, message: `${this.name} ${what}`, value, fix });
  }

  public warning(code: AccessCode, where: string, what: string, value: unknown, fix: string): void {
    this.warnings.push({ code, pointer: this.at + where, message: `${this.name} ${what}`, value, fix });
  }

  public show(value: unknown): string {
    const text = JSON.stringify(value) ?? String(value);
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
  }
}
