// Seconds that a case was really looked at: the page is in front, and something was done in the last minute.

const IDLE_MS = 60000;

export class ActiveTime {
  /** `seconds`: spent earlier. */
  constructor(seconds) {
    this.seconds = seconds;
    this.last = performance.now();
    for (const type of ["keydown", "pointermove", "pointerdown", "wheel"]) {
      addEventListener(type, () => (this.last = performance.now()), { passive: true });
    }
    setInterval(() => {
      if (!document.hidden && performance.now() - this.last < IDLE_MS) this.seconds++;
    }, 1000);
  }
}
