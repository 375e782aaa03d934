import { RehearsalOptions, RehearsalResult } from './options';
import { RehearsalSession } from './session';

/** Runs the stacks of a synthesized app against an ECR endpoint, as CloudFormation would. */
export async function rehearse(options: RehearsalOptions): Promise<RehearsalResult> {
  const session = await RehearsalSession.open(options, options.state);
  try {
    return await session.run(options);
  } finally {
    await session.close();
  }
}
