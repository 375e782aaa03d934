import { Command, CommanderError } from 'commander';
import { cliError } from './codes';
import { copyCommand } from './copy';
import { emulatorCommand } from './emulator';
import { printError } from './output';
import { previewCommand } from './preview';
import { rehearseCommand } from './rehearse';
import { reportCommand } from './report';
import { reviewCommand } from './review';
import { simulateCommand } from './simulate';
import { snapshotCommand } from './snapshot';
import { validateCommand } from './validate';

// A reader that closes early (head, less) is no error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
}

// Which Node the SDK will want some day is no news for whoever runs a bundle of it.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const program = new Command('drydock')
  .description('See what a change does to the container images in Amazon ECR, before it does it')
  .version(process.env.DRYDOCK_VERSION ?? '0.0.0', '-V, --version', 'print the version')
  .addHelpText('after', '\nRun a command with --help for its options and examples.\nDRYDOCK_DEBUG=1 adds stack traces to errors; NO_COLOR=1 takes the colours away.');
const commands = [simulateCommand(), validateCommand(), rehearseCommand(), emulatorCommand(), previewCommand(), reviewCommand(), reportCommand(), snapshotCommand(), copyCommand()];
commands.forEach((command) => program.addCommand(command));

for (const command of [program, ...commands]) {
  const name = command === program ? 'drydock' : `drydock ${command.name()}`;
  command.configureOutput({ outputError: () => undefined }).exitOverride((error) => {
    throw error.exitCode === 0 || error.code === 'commander.help' ? error : cliError('DD-CLI-008', name, wordsOf(error), `Run \`${name} --help\`.`);
  });
}

/** Commander's words as a sentence. */
function wordsOf({ message }: CommanderError): string {
  const [first, ...hints] = message.replace(/^error: /, '').split('\n').map((text) => text.trim().replace(/^\((.*)\)$/, '$1'));
  return [`${first.charAt(0).toUpperCase()}${first.slice(1)}.`, ...hints].join(' ');
}

program.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
    return;
  }
  printError(error);
  process.exitCode = 1;
});
