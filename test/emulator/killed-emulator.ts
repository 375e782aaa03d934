import { startEmulator } from '../../src/emulator';

/** An emulator in a process of its own, for the test that kills it. */
void startEmulator({ data: process.argv[2], allowMissingLayers: true }).then(({ port }) => process.stdout.write(`${port}\n`));
