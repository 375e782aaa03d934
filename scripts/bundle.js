// Bundles what runs outside a CDK app: the Lambda handlers and the command line. All ship inside the package,
// so that a consumer needs neither Docker nor esbuild.
const { readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const { build } = require('esbuild');

const root = join(__dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Options that both bundles share; `mainFields` prefers ES modules, which lets esbuild drop what is unused. */
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  keepNames: false,
  legalComments: 'none',
  mainFields: ['module', 'main'],
  define: { 'process.env.DRYDOCK_VERSION': JSON.stringify(version) },
  logLevel: 'warning',
};

/** The SDK reads nothing but the version from its package.json files, and would bring all of them along. */
const versionsOnly = {
  name: 'versions-only',
  setup(builder) {
    builder.onLoad({ filter: /@aws-sdk[\\/][^\\/]+[\\/]package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify({ version: JSON.parse(readFileSync(path, 'utf8')).version }),
      loader: 'json',
    }));
  },
};

/**
 * A handler is two files: an entry that needs nothing but Node, so that it can answer even if the other cannot be loaded, and all the rest. The clients of
 * ECS and Lambda are a third file, which only gates and cleanups need that look for images in use.
 * What a function does not need of the SDK is replaced: credentials come from the environment, and nothing streams events.
 */
const handler = {
  ...common,
  alias: {
    '@aws-sdk/credential-provider-node': join(root, 'src/ecr/lambda-credentials.ts'),
    '@smithy/core/event-streams': join(root, 'src/ecr/no-event-streams.ts'),
  },
  plugins: [versionsOnly],
};

/** The client of Lambda wants event streams, whatever it is used for. */
const { '@smithy/core/event-streams': _, ...inUseAlias } = handler.alias;

/**
 * The page of a plan runs in a browser, by itself: `drydock` puts script and style into it. Whoever passes such a page on passes the libraries in it
 * on, so their notices stay in it; those of all other bundles are in THIRD-PARTY-NOTICES.
 */
const page = { ...common, legalComments: 'inline', platform: 'browser', target: 'es2022', format: 'iife', mainFields: ['browser', 'module', 'main'], tsconfig: 'page/tsconfig.json' };

const bundles = {
  'assets/handler/index.js': { ...handler, entryPoints: ['src/handlers/drydock.lambda.ts'], external: ['./dispatch'] },
  'assets/handler/dispatch.js': { ...handler, entryPoints: ['src/handlers/dispatch.ts'], external: ['./in-use'] },
  'assets/handler/in-use.js': { ...handler, alias: inUseAlias, entryPoints: ['src/handlers/in-use.ts'] },
  'assets/images/index.js': { ...handler, entryPoints: ['src/handlers/images/images.lambda.ts'], external: ['./dispatch'] },
  'assets/images/dispatch.js': { ...handler, entryPoints: ['src/handlers/images/dispatch.ts'], external: ['./in-use'] },
  'assets/images/in-use.js': { ...handler, alias: inUseAlias, entryPoints: ['src/handlers/images/in-use.ts'] },
  'assets/credentials/index.js': { ...handler, entryPoints: ['src/handlers/credentials/credentials.lambda.ts'], external: ['./dispatch'] },
  'assets/credentials/dispatch.js': { ...handler, entryPoints: ['src/handlers/credentials/dispatch.ts'] },
  'assets/cli/drydock.js': { ...common, entryPoints: ['src/cli/main.ts'] },
  'assets/page/page.js': { ...page, entryPoints: ['page/main.ts'] },
  'assets/page/page.css': { ...page, entryPoints: ['page/style.css'] },
};

/** Builds every bundle, and tells by file what esbuild read for it; `write: false` leaves the disk alone. */
async function buildAll(overrides = {}) {
  const results = await Promise.all(Object.entries(bundles).map(([outfile, options]) => build({ ...options, outfile, metafile: true, ...overrides })));
  return Object.fromEntries(Object.keys(bundles).map((file, index) => [file, results[index]]));
}

async function main() {
  await buildAll();
  for (const file of Object.keys(bundles)) {
    console.log(`${file}: ${Math.round(statSync(join(root, file)).size / 1024)} KB`);
  }
}

// The benchmark bundles the bare SDK in the same way; licences, bill of materials and checksums are written from what was read.
module.exports = { handler, buildAll };

if (require.main === module) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
