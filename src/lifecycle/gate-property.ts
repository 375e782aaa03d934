import { DrydockError, Problem } from '../errors';
import { DEFAULT_GATE, GateSettings } from './gate';
import { isObject, kindOf, show } from './validate-support';

/**
 * Reads the `PreviewGate` property of a resource: `off` gives `undefined`, an absent property the default gate. CloudFormation turns numbers into
 * strings on the way; both are understood.
 */
export function gateFromProperty(property: unknown): GateSettings | undefined {
  if (property === 'off') {
    return undefined;
  }
  if (property === undefined) {
    return DEFAULT_GATE;
  }
  if (!isObject(property)) {
    throw new DrydockError({
      code: 'DD-GATE-001',
      pointer: 'PreviewGate',
      message: `The preview gate is ${typeof property === 'string' ? show(property) : kindOf(property)}; it must be "off" or an object of settings.`,
      value: property,
    });
  }
  const problems: Problem[] = [];
  const settings: Record<string, unknown> = { countAgainst: DEFAULT_GATE.countAgainst };
  for (const [name, value] of Object.entries(property)) {
    const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (value === undefined) {
      continue;
    }
    if (reader === undefined) {
      problems.push({
        code: 'DD-GATE-002',
        pointer: `PreviewGate/${name}`,
        message: `${show(name)} is not a setting of the gate.`,
        value,
        fix: `Known are ${Object.keys(READERS).join(', ')}.`,
      });
      continue;
    }
    const read = reader.read(value);
    if (read === undefined) {
      problems.push({ code: 'DD-GATE-003', pointer: `PreviewGate/${name}`, message: `${name} is ${show(value)}; it must be ${reader.wanted}.`, value });
    } else {
      settings[name[0].toLowerCase() + name.slice(1)] = read;
    }
  }
  if (problems.length > 0) {
    throw new DrydockError(problems, { heading: 'The settings of the preview gate cannot be used:' });
  }
  return settings as unknown as GateSettings;
}

interface Reader {
  readonly wanted: string;
  read(value: unknown): unknown;
}

const COUNT: Reader = { wanted: 'a whole number from 0 on', read: (value) => numberOf(value, (n) => Number.isSafeInteger(n) && n >= 0) };
const DAYS: Reader = { wanted: 'a number of days from 0 on', read: (value) => numberOf(value, (n) => n >= 0) };
const PERCENT: Reader = { wanted: 'a number from 0 to 100', read: (value) => numberOf(value, (n) => n >= 0 && n <= 100) };

const READERS: Readonly<Record<string, Reader>> = {
  MaxExpiringImages: COUNT,
  MaxExpiringPercent: PERCENT,
  ProtectedTagPatterns: listOf('tag patterns', /^[^\s]+$/),
  ProtectPushedWithinDays: DAYS,
  ProtectPulledWithinDays: DAYS,
  ProtectedDigests: listOf('digests (sha256: and 64 hexadecimal digits)', /^sha256:[0-9a-f]{64}$/),
  CountAgainst: {
    wanted: '"policy-in-force" or "everything"',
    read: (value) => value === 'policy-in-force' || value === 'everything' ? value : undefined,
  },
  InUse: listOf('services that run images (ecs, lambda)', /^(ecs|lambda)$/),
  Acknowledged: listOf('policy hashes (16 hexadecimal digits)', /^[0-9a-f]{16}$/),
};

function listOf(what: string, form: RegExp): Reader {
  return {
    wanted: `a list of ${what}`,
    read: (value) => Array.isArray(value) && value.every((entry) => typeof entry === 'string' && form.test(entry)) ? [...value] : undefined,
  };
}

function numberOf(value: unknown, allowed: (n: number) => boolean): number | undefined {
  const n = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof n === 'number' && Number.isFinite(n) && allowed(n) ? n : undefined;
}
