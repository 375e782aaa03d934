/** What the gate of a deployment checks. Counts are images; durations are days of 24 hours. */
export interface GateSettings {
  readonly maxExpiringImages?: number;
  /** Of all images in the repository, archived ones included; 0 to 100. */
  readonly maxExpiringPercent?: number;
  /** `*` stands for any run of characters; the whole tag must match. */
  readonly protectedTagPatterns?: readonly string[];
  readonly protectPushedWithinDays?: number;
  readonly protectPulledWithinDays?: number;
  readonly protectedDigests?: readonly string[];
  /** Against the policy in force (only what newly expires) or everything the new policy acts on. */
  readonly countAgainst: 'policy-in-force' | 'everything';
  /** Hashes of the policies whose effect somebody has accepted. */
  readonly acknowledged?: readonly string[];
}
