import { Command } from 'commander';
import { emulatorCommand } from './emulator';
import { printError } from './output';
import { rehearseCommand } from './rehearse';
import { simulateCommand } from './simulate';
import { validateCommand } from './validate';

// A reader that closes early (head, less) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

const program = new Command('drydock')
  .description('See what a change does to the container images in Amazon ECR, before it does it')
  .version(process.env.DRYDOCK_VERSION ?? '0.0.0')
  .showHelpAfterError('(run with --help for the options)');
for (const command of [simulateCommand(), validateCommand(), rehearseCommand(), emulatorCommand()]) {
  program.addCommand(command);
}

program.parseAsync().catch((error: unknown) => {
  printError(error);
  process.exitCode = 1;
});
