import { statSync } from 'node:fs';
import { Command } from 'commander';
import { cliError } from './codes';
import { ProgressBar } from './copy-progress';
import { dockerCredentials } from './docker-config';
import { readCount, readFormat } from './input';
import { json, printError, printReport } from './output';
import {
  CopyDestination, copyImage, CopyOutcome, dockerArchiveSource, ecrSource, fileReader, ImageLocation, ImageSource, layoutDirectorySource, layoutSource, parseDestination,
  parseLocation, registrySource,
} from '../copy';
import { connect, Connection } from '../ecr/client';
import { copyError } from '../images/codes';
import { isDigest } from '../images/digest';
import { parsePlatform } from '../images/platform';
import { checkTag } from '../images/reference';
import { line, Report } from '../report/blocks';
import { bytes, count } from '../report/format';

interface CopyCommandOptions {
  readonly tag?: readonly string[];
  readonly platform?: readonly string[];
  readonly referrers: boolean;
  readonly concurrency: string;
  readonly memory: string;
  readonly sourcePlainHttp?: boolean;
  readonly sourceTrustedHost?: readonly string[];
  readonly sourceRegion?: string;
  readonly format: string;
}

const MIB = 1_048_576;
/** As a shell says that a program was interrupted. */
const INTERRUPTED = 130;

const EXAMPLES = `
SOURCE       alpine:3.20, ghcr.io/owner/image@sha256:...       any registry; logins of ~/.docker/config.json
             123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1  a repository of ECR, with AWS credentials
             ecr:shop/api:1.2                                  a repository of the same account and region
             oci:DIRECTORY[:TAG], oci:FILE.tar[:TAG]           an OCI image layout
             docker-archive:FILE.tar[:NAME:TAG]                what docker save writes
DESTINATION  shop/api[:TAG] or the URI of a repository of ECR

Without a tag the image gets the one that the source is named by. All platforms are copied; with --platform an index is cut to them, and with one platform the image stands alone.
Credentials, region and endpoint are those of the AWS SDK: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL_ECR.
Exit code: 0 copied or there already, 1 failed, ${INTERRUPTED} interrupted. Then no tag was put; run again, and what has arrived is not sent twice.

Example:
  $ drydock copy public.ecr.aws/docker/library/alpine:3.20 mirror/alpine
  $ drydock copy ecr:staging/api@sha256:... production/api:1.4.2 --tag stable
  $ drydock copy docker-archive:api.tar shop/api:1.2 --platform linux/arm64`;

export function copyCommand(): Command {
  const repeatable: [(value: string, previous: string[] | undefined) => string[]] = [(value, previous = []) => [...previous, value]];
  return new Command('copy')
    .description('Copy an image to a repository of ECR: all platforms, signatures and SBOMs with it')
    .argument('<source>', 'image to copy')
    .argument('<destination>', 'repository of ECR')
    .option('--tag <tag>', 'tag that the image gets (repeatable)', ...repeatable)
    .option('--platform <os/arch>', 'copy only this platform (repeatable)', ...repeatable)
    .option('--no-referrers', 'leave signatures, SBOMs and provenance behind')
    .option('--concurrency <layers>', 'layers that move at once', '6')
    .option('--memory <MiB>', 'memory for layers on their way', '96')
    .option('--source-plain-http', 'the source registry speaks HTTP without TLS')
    .option('--source-trusted-host <host>', 'a host that belongs to the source registry, such as its token service (repeatable)', ...repeatable)
    .option('--source-region <region>', 'region of an ecr: source (default: that of the destination)')
    .option('--format <format>', 'text or json', 'text')
    .addHelpText('after', EXAMPLES)
    .action((source: string, destination: string, options: CopyCommandOptions) => copy(source, destination, options));
}

async function copy(sourceText: string, destinationText: string, options: CopyCommandOptions): Promise<void> {
  const format = readFormat(options.format, ['text', 'json']);
  const concurrency = readCount(options.concurrency, '--concurrency', 64);
  const memoryBytes = readCount(options.memory, '--memory', 65_536) * MIB;
  if (concurrency === 0 || memoryBytes === 0) {
    throw cliError('DD-CLI-005', concurrency === 0 ? '--concurrency' : '--memory', 'It must be at least 1.', undefined, 0);
  }
  const platforms = (options.platform ?? []).flatMap((text) => text.split(',')).map(parsePlatform);
  const location = parseLocation(sourceText);
  const destination = parseDestination(destinationText);
  const tags = tagsOf(location, destination, options.tag ?? []);
  const connections = new Connections(destination.region);
  const controller = new AbortController();
  const interrupt = () => controller.abort();
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const progress = new ProgressBar();
  let source: ImageSource | undefined;
  try {
    source = await openSource(location, options, connections);
    const { repositoryName, registryId } = destination;
    const outcome = await copyImage({
      source, tags, platforms, concurrency, memoryBytes, referrers: options.referrers, signal: controller.signal,
      destination: { connection: connections.of(destination.region), address: { repositoryName, ...(registryId === undefined ? {} : { registryId }) } },
      onProgress: (event) => progress.event(event),
      // Whoever sits at a terminal can try again; a deployment cannot, and waits longer.
      retry: { transientWindowMillis: 20_000 },
      log: (_level, message, fields) => {
        if (fields?.failure !== undefined) {
          process.stderr.write(`${message} ${String(fields.failure)}\n`);
        }
      },
    });
    progress.stop();
    if (!outcome.finished) {
      printError(copyError('DD-COPY-049', destinationText, `Interrupted: ${bytes(outcome.state.moved.bytes)} have arrived, and no tag was put.`,
        'Run the command again: layers that are complete are not sent twice.'));
      process.exitCode = INTERRUPTED;
    } else if (format === 'json') {
      json({ source: source.name, repositoryName, tags, ...outcome });
    } else {
      printReport(reportOf(source.name, repositoryName, tags, outcome));
    }
  } finally {
    progress.stop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await source?.close();
    connections.close();
  }
}

/** Those that are named; else the source's. An image that is asked for by digest alone stays without. */
function tagsOf(location: ImageLocation, { tag }: CopyDestination, more: readonly string[]): string[] {
  more.forEach((one) => checkTag(one, '--tag'));
  const named = [...new Set([...tag === undefined ? [] : [tag], ...more])];
  if (named.length > 0) {
    return named;
  }
  const own = location.kind === 'registry' ? location.reference.tag : location.kind === 'archive' ? location.reference?.split(':').pop() : location.reference;
  return own === undefined || isDigest(own) ? [] : [checkTag(own, 'source')];
}

/** One for each region. */
class Connections {
  private readonly open = new Map<string, Connection>();

  constructor(private readonly usual: string | undefined) {}

  public of(region = this.usual): Connection {
    const key = region ?? '';
    const found = this.open.get(key) ?? connect({ region });
    this.open.set(key, found);
    return found;
  }

  public close(): void {
    this.open.forEach((connection) => connection.close());
  }
}

async function openSource(location: ImageLocation, options: CopyCommandOptions, connections: Connections): Promise<ImageSource> {
  switch (location.kind) {
    case 'registry': {
      const { registry, repository, tag, digest } = location.reference;
      return registrySource({
        host: registry, repository, reference: digest ?? tag ?? 'latest', plainHttp: options.sourcePlainHttp, trustedHosts: options.sourceTrustedHost, credentials: dockerCredentials(registry),
        userAgent: `cdk-drydock/${process.env.DRYDOCK_VERSION ?? '0.0.0'}`,
      });
    }
    case 'ecr': {
      const { registryId, repositoryName, reference, region } = location;
      return ecrSource(connections.of(options.sourceRegion ?? region), { repositoryName, reference, ...(registryId === undefined ? {} : { registryId }) });
    }
    case 'layout':
      return statSync(location.path, { throwIfNoEntry: false })?.isFile() === true ? layoutSource(await fileReader(location.path), location)
        : layoutDirectorySource(location.path, location);
    case 'archive':
      return dockerArchiveSource(await fileReader(location.path), location);
  }
}

function reportOf(source: string, repositoryName: string, tags: readonly string[], outcome: CopyOutcome & { finished: true }): Report {
  const { digest, sizeInBytes, sourceDigest, referrers, moved, present, put } = outcome;
  const nothing = moved.blobs + moved.manifests === 0 && put.tags.length === 0;
  return [
    line(nothing ? `${source} is in ${repositoryName} already.` : `Copied ${source} to ${repositoryName}${tags.length === 0 ? ', without a tag' : `:${tags.join(', :')}`}.`, 'good'),
    line(`digest     ${digest}${digest === sourceDigest ? '' : ` (cut from ${sourceDigest})`}`),
    line(`size       ${bytes(sizeInBytes)}${referrers.length === 0 ? '' : `, and ${count(referrers.length, 'referrer')} (signatures, SBOMs, provenance)`}`),
    line(`moved      ${count(moved.blobs, 'layer')} (${bytes(moved.bytes)}) and ${count(moved.manifests, 'manifest')}`),
    line(`was there  ${count(present.blobs, 'layer')} (${bytes(present.bytes)}) and ${count(present.manifests, 'manifest')}`),
    ...Object.entries(put.replaced).map(([tag, before]) => line(`moved tag  ${tag}, which was ${before}`, 'warning')),
  ];
}
