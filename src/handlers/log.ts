import { LoggedPreviewImage } from '../report/logged-preview';
import { PreviewRule } from '../report/preview';

/**
 * Structured log: one JSON object a line, and nothing in it that is not named here. An event holds a pre-signed URL, properties may
 * hold what their author did not mean to publish, and errors quote requests: so fields are let through by name, and texts are cleaned.
 */
export interface LogFields {
  readonly requestType?: string;
  readonly requestId?: string;
  readonly resourceType?: string;
  readonly stackId?: string;
  readonly logicalResourceId?: string;
  readonly physicalResourceId?: string;
  readonly repositoryName?: string;
  readonly registryId?: string;
  readonly handlerVersion?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly operation?: string;
  readonly attempts?: number;
  readonly httpStatus?: number;
  readonly policyHash?: string;
  readonly verdict?: string;
  readonly page?: number;
  readonly pages?: number;
  readonly images?: readonly LoggedPreviewImage[];
  readonly findings?: readonly { readonly code: string; readonly message: string; readonly fix: string; readonly digests: readonly string[] }[];
  readonly counts?: Readonly<Record<string, number>>;
  /** Images of a cleanup. */
  readonly cleanup?: readonly { readonly imageDigest: string; readonly fate: string; readonly why: string }[];
  readonly planHash?: string;
  readonly mode?: string;
  readonly digests?: readonly string[];
  readonly rules?: readonly PreviewRule[];
  readonly sids?: readonly string[];
  readonly imageTag?: string;
  readonly imageDigest?: string;
  /** What a tag stood for before. */
  readonly previousDigest?: string;
  readonly tagKeys?: readonly string[];
  readonly secretArn?: string;
  /** Hosts of registries. */
  readonly registries?: readonly string[];
  readonly expiresAt?: string;
  /** What is copied, as a person would call it. */
  readonly source?: string;
  /** A lifecycle policy that is taken away or left in place although it is not ours, for whoever wants it back. */
  readonly lifecyclePolicyText?: string;
}

const FIELDS: ReadonlySet<string> = new Set<keyof LogFields>([
  'requestType', 'requestId', 'resourceType', 'stackId', 'logicalResourceId', 'physicalResourceId', 'repositoryName', 'registryId', 'handlerVersion',
  'status', 'reason', 'code', 'operation', 'attempts', 'httpStatus', 'policyHash', 'verdict', 'page', 'pages', 'images', 'findings', 'counts', 'rules', 'sids',
  'cleanup', 'planHash', 'mode', 'digests', 'imageTag', 'imageDigest', 'previousDigest', 'tagKeys', 'lifecyclePolicyText', 'secretArn', 'registries', 'expiresAt', 'source',
]);

export type Level = 'info' | 'warn' | 'error';
export type LineSink = (line: string) => void;

export class Log {
  /** `context`: fields of every line. */
  constructor(private readonly sink: LineSink = writeLine, private readonly context: LogFields = {}) {}

  public with(context: LogFields): Log {
    return new Log(this.sink, { ...this.context, ...context });
  }

  public info(message: string, fields?: LogFields): void {
    this.write('info', message, fields);
  }

  public warn(message: string, fields?: LogFields): void {
    this.write('warn', message, fields);
  }

  public error(message: string, fields?: LogFields): void {
    this.write('error', message, fields);
  }

  private write(level: Level, message: string, fields: LogFields = {}): void {
    const allowed = Object.entries({ ...this.context, ...fields }).filter(([name, value]) => FIELDS.has(name) && value !== undefined);
    const record = { level, message, ...Object.fromEntries(allowed) };
    this.sink(JSON.stringify(record, (_, value) => typeof value === 'string' ? withoutSecrets(value) : value));
  }
}

/** Straight to stdout: the runtime's console would put its own columns in front of the JSON. */
function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

const SECRETS: readonly [RegExp, string][] = [
  // A pre-signed URL, whole; where the scheme is missing, its query.
  [/https?:\/\/[^\s"'<>]*[?&](?:X-Amz-[A-Za-z-]+|Signature|AWSAccessKeyId)=[^\s"'<>]*/gi, '[pre-signed URL]'],
  [/[^\s"'<>]*[?&](?:X-Amz-(?:Signature|Security-Token|Credential)|Signature)=[^\s"'<>]*/gi, '[pre-signed URL]'],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b/g, '[access key]'],
];

/** Takes out what must not be in a log or in a reason, wherever it comes from. */
export function withoutSecrets(text: string): string {
  return SECRETS.reduce((cleaned, [pattern, name]) => cleaned.replace(pattern, name), text);
}
