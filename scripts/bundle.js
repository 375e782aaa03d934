// Bundles what runs outside a CDK app: the Lambda handler and the command line. Both ship inside the package,
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

async function main() {
  await Promise.all([
    build({ ...common, entryPoints: ['src/handlers/drydock.lambda.ts'], outfile: 'assets/handler/index.js' }),
    build({ ...common, entryPoints: ['src/cli/main.ts'], outfile: 'assets/cli/drydock.js' }),
  ]);
  for (const file of ['assets/handler/index.js', 'assets/cli/drydock.js']) {
    console.log(`${file}: ${Math.round(statSync(join(root, file)).size / 1024)} KB`);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
