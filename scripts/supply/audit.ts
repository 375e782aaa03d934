/** A hole that is known and accepted: which, why, and until when. */
export interface Accepted {
  readonly advisory: string;
  readonly reason: string;
  /** ISO 8601 date; from then on it counts again. */
  readonly until: string;
}

/** The part of `npm audit --json` that matters here. */
export interface AuditReport {
  readonly vulnerabilities: Readonly<Record<string, {
    readonly nodes: readonly string[];
    readonly via: readonly (string | { readonly url: string; readonly title: string; readonly severity: string })[];
  }>>;
}

/**
 * Holes that nobody has accepted. In code that ships any counts; in tools of the development those that are high or critical do, because they meet no
 * input but ours.
 */
export function auditProblems(report: AuditReport, shipped: readonly string[], accepted: readonly Accepted[], today: string): string[] {
  const problems = Object.entries(report.vulnerabilities).flatMap(([name, { nodes, via }]) => {
    const ships = nodes.some((path) => shipped.includes(path));
    return via.flatMap((hole) => {
      if (typeof hole === 'string') {
        return [];
      }
      const advisory = hole.url.split('/').pop()!;
      const exception = accepted.find((entry) => entry.advisory === advisory);
      if ((!ships && !['high', 'critical'].includes(hole.severity)) || (exception !== undefined && exception.until > today)) {
        return [];
      }
      const expired = exception === undefined ? '' : `, accepted until ${exception.until}: ${exception.reason}`;
      return [`${name} (${ships ? 'ships' : 'development'}): ${hole.severity}: ${hole.title} (${advisory}${expired})`];
    });
  });
  return [...new Set(problems)].sort();
}
