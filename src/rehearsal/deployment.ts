import { StackFailure, StackRun } from './engine';

/** A first deployment. Whether the stack is there now. */
export async function createStack(run: StackRun): Promise<boolean> {
  run.setStatus('CREATE_IN_PROGRESS');
  try {
    await run.execute();
    run.setStatus('CREATE_COMPLETE');
    return true;
  } catch (error) {
    if (!(error instanceof StackFailure)) {
      throw error;
    }
    run.setStatus('ROLLBACK_IN_PROGRESS', `${error.message} Rollback requested by user.`);
    if (await run.removeCreated()) {
      run.setStatus('ROLLBACK_COMPLETE', error.message);
    }
    return false;
  }
}

/** A later deployment. Whether the stack is as the new template says. */
export async function updateStack(run: StackRun): Promise<boolean> {
  run.stack.updatedAt = run.context.events.stamp();
  run.setStatus('UPDATE_IN_PROGRESS');
  try {
    await run.execute();
  } catch (error) {
    if (!(error instanceof StackFailure)) {
      throw error;
    }
    run.setStatus('UPDATE_ROLLBACK_IN_PROGRESS', error.message);
    if (await run.revert()) {
      run.setStatus('UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS');
      await run.removeNew();
      run.setStatus('UPDATE_ROLLBACK_COMPLETE', error.message);
    }
    return false;
  }
  run.setStatus('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS');
  await run.cleanUp();
  run.setStatus('UPDATE_COMPLETE');
  return true;
}
