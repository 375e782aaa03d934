/**
 * Faults of the embedded ECR, told by a script: which calls, and what happens to them.
 *
 *     const emulator = await startEmulator({
 *       faults: {
 *         seed: 7,
 *         rules: [
 *           { operation: 'SetRepositoryPolicy', calls: 1, fault: 'reset', when: 'after' },
 *           { operation: ['Get*', 'Describe*'], calls: { every: 5 }, fault: 'throttle' },
 *           { name: 'lag', operation: 'SetRepositoryPolicy', repositoryName: 'shop/*', fault: 'stale', reads: 3 },
 *           { operation: '*', probability: 0.05, fault: 'slow', delayMs: 20 },
 *         ],
 *       },
 *     });
 *     emulator.faults.fired('lag');          // how often the fault really happened; by name, by place (0), or of all
 *     emulator.faults.counts;                // [{ rule, fault, calls, fired, staleReads? }, ...]
 *     emulator.faults.set({ rules: [...] }); // another script; set and clear begin counting anew and end stale reads
 *     emulator.faults.clear();
 *
 * `calls` counts, for each rule, the calls that its operation, repositoryName and caller select: a number, a list, or { from, to, every }. Faults are throttle,
 * serverError (statusCode 500 | 502 | 503 | 504), reset, slow (delayMs), stale (reads, ms), accessDenied, malformed (content html | text | cut, statusCode), partial (failing, failureCode);
 * for previews fails, expires (as EXPIRED | NOT_FOUND), foreign (lifecyclePolicyText). Those that answer take `when: 'before' | 'after'` the effect, but for throttle and accessDenied.
 *
 * `intercept` is asked first: what it answers stands, and the fault of that call does not happen (its number is counted all the same). Scripts are checked when they are
 * set (DD-EMULATOR-010 to 012, by `readFaultScript`). Other processes: GET, PUT and DELETE /_drydock/faults.
 */
export type { FaultControl } from './faults';
export { readFaultScript } from './read';
export type { CallNumbers, Fault, FaultCount, FaultKind, FaultRule, FaultScript, FaultSelection, FaultTime } from './script';
