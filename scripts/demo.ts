/**
 * The main job on a laptop: a careless lifecycle policy is stopped, the corrected one passes, and what then expires is what the preview said.
 */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { STORY_NOW } from './generate-inventories';
import { retention } from '../examples/typescript/retention/app';
import { readInventoryFile } from '../src/cli/input';
import { out, paint, printReport } from '../src/cli/output';
import { RehearsalLog } from '../src/cli/rehearsal-log';
import { startEmulator } from '../src/emulator';
import { Inventory } from '../src/lifecycle/model';
import { RehearsalResult, RehearsalSession } from '../src/rehearsal';
import { heading } from '../src/report/blocks';
import { count } from '../src/report/format';
import { LoggedPreview, loggedPreviews } from '../src/report/logged-preview';

const root = join(__dirname, '..');
const work = join(root, '.demo');
let failures = 0;

function say(text: string): void {
  printReport([heading(text)]);
}

function check(claim: string, holds: boolean): void {
  out(holds ? paint(`  ok      ${claim}`, 'good') : paint(`  NOT SO  ${claim}`, 'bad'));
  failures += holds ? 0 : 1;
}

function synthesize(variant: string): string {
  const outdir = join(work, variant);
  rmSync(outdir, { recursive: true, force: true });
  retention(variant, outdir).synth();
  return outdir;
}

const digests = (inventory: Inventory) => new Set(inventory.imageDetails.map(({ imageDigest }) => imageDigest));

async function main(): Promise<void> {
  say('1. An app gives the repository shop/api retention (examples/typescript/retention/app.ts)');
  const careless = synthesize('careless');
  const corrected = synthesize('corrected');
  out(`  synthesized ${relative(root, careless)} ("keep the last 100 images") and ${relative(root, corrected)}`);

  const emulator = await startEmulator({ seed: readInventoryFile(join(root, 'examples/retention/inventory.json')), now: STORY_NOW });
  const log = new RehearsalLog(8);
  const session = await RehearsalSession.open({ ecrEndpoint: emulator.endpoint, onEvent: (event) => log.event(event) });
  try {
    out(`  embedded ECR at ${emulator.endpoint}: ${count(emulator.inventory().imageDetails.length, 'image')} in shop/api, one of them tagged production`);

    say('2. Deploy the careless policy');
    const before = JSON.stringify(emulator.inventory());
    const stopped = await session.run({ assembly: careless });
    show(log, stopped, emulator.clock.now());
    check('the deployment was stopped by the gate', !stopped.ok && previews(stopped).some(({ verdict }) => verdict === 'blocked'));
    check('the registry is exactly what it was before', JSON.stringify(emulator.inventory()) === before);

    say('3. Deploy the corrected policy: production is protected, releases stay, old builds go');
    const passed = await session.run({ assembly: corrected });
    show(log, passed, emulator.clock.now());
    check('the deployment passed the gate', passed.ok && previews(passed).every(({ verdict }) => verdict === 'passed'));

    say('4. A day later ECR acts on the policy');
    const predicted = new Set(previews(passed).flatMap(({ images }) => images.filter(({ action }) => action === 'EXPIRE').map(({ imageDigest }) => imageDigest)));
    const present = digests(emulator.inventory('shop/api'));
    emulator.clock.advance(25 * 3_600_000);
    const left = digests(emulator.inventory('shop/api'));
    const gone = new Set([...present].filter((digest) => !left.has(digest)));
    out(`  predicted ${count(predicted.size, 'image')}, gone ${count(gone.size, 'image')}, left ${count(left.size, 'image')}`);
    check('what expired is exactly what the preview said', gone.size > 0 && gone.size === predicted.size && [...gone].every((digest) => predicted.has(digest)));
    check('the production image is still there', emulator.inventory('shop/api').imageDetails.some(({ imageTags }) => imageTags?.includes('production') === true));
  } finally {
    await session.close();
    await emulator.stop();
  }
  out(failures === 0 ? paint('\nAll of it came true.', 'good') : paint(`\n${count(failures, 'claim')} did not hold.`, 'bad'));
  process.exitCode = failures === 0 ? 0 : 1;
}

function previews(result: RehearsalResult): LoggedPreview[] {
  return loggedPreviews(result.handlerLogs.map(({ record }) => record));
}

function show(log: RehearsalLog, result: RehearsalResult, now: number): void {
  log.handlerLog(result.handlerLogs.map(({ record }) => record), now);
  out('');
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 1;
});
