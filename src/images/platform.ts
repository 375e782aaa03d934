import { copyError } from './codes';

/** An operating system and a processor, in the words of the OCI specification. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  /** Build of Windows (`10.0.20348.2113`). */
  readonly osVersion?: string;
}

const SHAPE = /^([a-z0-9_-]+)(?:\(([^()/]{1,64})\))?\/([a-z0-9_-]+)(?:\/([a-z0-9_.-]+))?$/i;
const ARCHITECTURES: Readonly<Record<string, string>> = {
  'x86_64': 'amd64', 'x86-64': 'amd64', 'aarch64': 'arm64', 'i386': '386', 'i686': '386', 'armhf': 'arm', 'armel': 'arm',
};

/** `linux/amd64`, `linux/arm64/v8`, `windows(10.0.20348)/amd64`. */
export function parsePlatform(text: string): Platform {
  const [, os, osVersion, architecture, variant] = SHAPE.exec(text) ?? [];
  if (os === undefined) {
    throw copyError('DD-COPY-003', 'platform', `${JSON.stringify(text)} is not a platform.`, 'Write OS/ARCHITECTURE or OS/ARCHITECTURE/VARIANT, for example linux/arm64 or linux/arm/v7.', { value: text });
  }
  return normalisePlatform({ os, architecture, ...(variant === undefined ? {} : { variant }), ...(osVersion === undefined ? {} : { osVersion }) });
}

export function formatPlatform({ os, architecture, variant, osVersion }: Platform): string {
  return `${os}${osVersion === undefined ? '' : `(${osVersion})`}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

/**
 * One spelling for each platform, as container runtimes have it: arm64 is v8, arm without a variant is v7, amd64 is v1.
 * @see https://github.com/containerd/platforms/blob/main/database.go
 */
export function normalisePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase() === 'macos' ? 'darwin' : platform.os.toLowerCase();
  const written = platform.architecture.toLowerCase();
  const architecture = ARCHITECTURES[written] ?? written;
  const version = platform.variant?.toLowerCase().replace(/^(\d)/, 'v$1') || undefined;
  const variant = architecture === 'arm64' && version === 'v8' || architecture === 'amd64' && version === 'v1' ? undefined
    : architecture === 'arm' && version === undefined ? written === 'armel' ? 'v6' : 'v7' : version;
  return { os, architecture, ...(variant === undefined ? {} : { variant }), ...(platform.osVersion ? { osVersion: platform.osVersion } : {}) };
}

/** Whether an image for `offered` is one for `wanted`. A build of Windows matters only where one is wanted, and its beginning is enough. */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  const want = normalisePlatform(wanted);
  const have = normalisePlatform(offered);
  return want.os === have.os && want.architecture === have.architecture && want.variant === have.variant
    && (want.osVersion === undefined || have.osVersion === want.osVersion || (have.osVersion ?? '').startsWith(`${want.osVersion}.`));
}
