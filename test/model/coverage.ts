/** How often each law was really exercised, and what happened in the sequences. */
export class Coverage {
  public readonly laws: Record<string, number> = {};
  public readonly events: Record<string, number> = {};

  public law(name: string, times = 1): void {
    this.laws[name] = (this.laws[name] ?? 0) + times;
  }

  public event(name: string, times = 1): void {
    this.events[name] = (this.events[name] ?? 0) + times;
  }

  public add(other: { readonly laws: Readonly<Record<string, number>>; readonly events: Readonly<Record<string, number>> }): void {
    Object.entries(other.laws).forEach(([name, times]) => this.law(name, times));
    Object.entries(other.events).forEach(([name, times]) => this.event(name, times));
  }
}
