// The questions of a case: one is marked, a digit answers it, and the mark goes on to the next that is open.

export class Questions {
  /** `draft`: values chosen earlier, by item. */
  constructor(form, draft) {
    this.fieldsets = [...form.querySelectorAll("fieldset")];
    this.onChange = () => {};
    for (const fieldset of this.fieldsets) {
      for (const input of fieldset.querySelectorAll("input")) {
        input.checked = draft[input.name] === input.value;
        input.addEventListener("change", () => this.answered(this.fieldsets.indexOf(fieldset)));
        input.addEventListener("focus", () => this.mark(this.fieldsets.indexOf(fieldset)));
      }
    }
    const open = this.fieldsets.findIndex((fieldset) => !fieldset.querySelector(":checked"));
    this.mark(Math.max(0, open));
  }

  get values() {
    const chosen = this.fieldsets.map((fieldset) => fieldset.querySelector(":checked")).filter(Boolean);
    return Object.fromEntries(chosen.map((input) => [input.name, input.value]));
  }

  get complete() {
    return this.fieldsets.every((fieldset) => fieldset.querySelector(":checked"));
  }

  mark(index) {
    this.current = index;
    this.fieldsets.forEach((fieldset, i) => fieldset.classList.toggle("active", i === index));
    this.fieldsets[index].scrollIntoView({ block: "nearest" });
  }

  move(step) {
    this.mark((this.current + step + this.fieldsets.length) % this.fieldsets.length);
  }

  choose(number) {
    const input = this.fieldsets[this.current].querySelectorAll("input")[number - 1];
    if (!input) return;
    input.checked = true;
    this.answered(this.current);
  }

  answered(index) {
    const open = (i) => !this.fieldsets[i].querySelector(":checked");
    const after = this.fieldsets.findIndex((_, i) => i > index && open(i));
    const any = after >= 0 ? after : this.fieldsets.findIndex((_, i) => open(i));
    this.mark(any >= 0 ? any : index);
    this.onChange();
  }
}
