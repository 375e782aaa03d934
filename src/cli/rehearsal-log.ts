import { out, paint, printReport, terminalWidth } from './output';
import { RegistryState } from './rehearsal-registry';
import { FaultCount } from '../emulator';
import { StackEvent, StackResult } from '../rehearsal';
import { Block, heading, line, Report, Tone } from '../report/blocks';
import { loggedPreviews, previewFromLog } from '../report/logged-preview';
import { findingBlock, previewReport } from '../report/preview-report';
import { registryReport } from '../report/registry-report';
import { sanitise } from '../report/sanitise';
import { wrap } from '../report/width';

const INDENT = 10;

/** A rehearsal as it happens, for a person: events in the manner of `cdk deploy`, then what the gates saw. */
export class RehearsalLog {
  constructor(private readonly limit: number, private readonly more = '') {}

  public step(name: string): void {
    printReport([heading(name)]);
  }

  public event(event: StackEvent): void {
    const name = event.constructPath?.replace(/(\/(Resource|Default))+$/, '') ?? event.logicalId;
    out(`${paint(event.time.slice(11, 19), 'quiet')}  ${paint(event.status.padEnd(28), toneOf(event.status))} ${paint(sanitise(event.type).padEnd(32), 'quiet')} ${sanitise(name)}`);
    const width = terminalWidth();
    for (const text of shortened(event.reason)) {
      const pieces = width === undefined ? [sanitise(text)] : wrap(sanitise(text), width - INDENT);
      pieces.forEach((piece) => out(`${' '.repeat(INDENT)}${paint(piece, event.status.endsWith('FAILED') ? 'bad' : 'quiet')}`));
    }
  }

  /** What the handlers logged: the previews, and what else they had to say. */
  public handlerLog(records: readonly Readonly<Record<string, unknown>>[], now: number): void {
    loggedPreviews(records).forEach((logged) => printReport(previewReport(previewFromLog(logged, now), { limit: this.limit, more: this.more })));
    const warnings = records.filter(({ level, message }) => level === 'warn' && typeof message === 'string');
    const told = new Set(warnings.map(({ message, repositoryName }) => `The handler warns${typeof repositoryName === 'string' ? ` about ${repositoryName}` : ''}: ${String(message)}`));
    printReport([...told].map((text) => line(sanitise(text), 'warning')));
  }
}

/** Where a stack has come to. */
export function stackBlocks({ stackName, status, reason, resources, outputs }: StackResult): Report {
  const simulated = [...new Set(resources.filter((resource) => resource.simulated).map(({ type }) => type))].sort();
  const ok = /(?<!ROLLBACK)_COMPLETE$/.test(status);
  return [
    line(`${sanitise(stackName)}: ${status}${reason !== undefined && status === 'NOT_DEPLOYED' ? `: ${sanitise(reason)}` : ''}`, ok ? 'good' : 'bad'),
    ...Object.entries(outputs).map(([key, value]) => line(`  ${sanitise(key)} = ${sanitise(String(value))}`)),
    ...(simulated.length === 0 ? [] : [line(`  Only given plausible ids and attributes: ${simulated.map(sanitise).join(', ')}.`, 'quiet')]),
  ];
}

export function noticeBlocks(notices: readonly { readonly code: string; readonly pointer: string; readonly message: string; readonly fix?: string }[]): Block[] {
  return notices.map(({ code, pointer, message, fix }) => findingBlock({ severity: 'note', code, place: pointer, message, fix }));
}

/** Whether what was to go wrong did: a rule that never fired tried nothing. */
export function faultBlocks(counts: readonly FaultCount[]): Report {
  return counts.length === 0 ? [] : [line(''), line('Faults'), ...counts.map(({ rule, fault, calls, fired }) =>
    line(`  ${rule === String(Number(rule)) ? '' : `${rule}: `}${fault}, ${fired} of ${calls} calls`, fired === 0 ? 'warning' : undefined))];
}

export function finalBlocks(state: RegistryState | undefined): Report {
  return state === undefined ? [] : registryReport(state.inventory);
}

/** A gate's findings follow with the preview; they need not be told twice. */
function shortened(reason = ''): string[] {
  const [first, ...rest] = reason.split('\n').filter((text) => text !== '');
  const gate = rest.length > 0 && rest.every((text) => /^\s*DD-GATE-1\d\d /.test(text));
  return first === undefined ? [] : gate ? [`${first} Why, and what would let it pass: below.`] : [first, ...rest];
}

function toneOf(status: string): Tone {
  if (/FAILED|ROLLBACK/.test(status)) {
    return 'bad';
  }
  return status.endsWith('COMPLETE') ? 'good' : status.endsWith('SKIPPED') ? 'warning' : 'quiet';
}
