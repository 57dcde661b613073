// The side panel: what was done, and where not to trust it, from result.json.

const CAUTIONS = [
  "A filling defect, a clot, a dissection or a leak cannot be seen where the NCCT does not show it.",
  "Compare with the NCCT and the difference: orange where the NCCT shows no vessel, or a vessel with a gap, is an error.",
  "Small arteries, the edges of the scan and tissue beside metal are the least reliable.",
];

function contrast(record) {
  if (record.contrast_found?.length) return "Contrast was found in the source: not all that is bright is synthetic.";
  return "No contrast agent was given. Every bright vessel here is a prediction.";
}

export function fillRecord(element, { record }) {
  const { series, hu, application, bundle, device, seconds, warnings, uncertainty } = record;
  const mm = series.spacing_mm;
  element.replaceChildren(
    section("Warnings", warnings.length ? list(warnings, "warning") : paragraph("The run gave no warnings.")),
    section("Where not to trust it", list([contrast(record), ...CAUTIONS])),
    section(
      "What was done",
      table([
        ["Series", `${series.slices} slices of ${series.columns} x ${series.rows}`],
        ["Voxels", `${mm.column.toFixed(2)} x ${mm.row.toFixed(2)} x ${mm.slice.toFixed(2)} mm`],
        ["Chosen", series.choice],
        ["Raised by over 100 HU", `${hu.raised_over_100_hu_ml} ml`],
        ["Largest raise", `${hu.enhancement.max ?? "none"} HU`],
        ...(uncertainty ? [["Median uncertainty of raised voxels", `${uncertainty.sd_hu.raised_over_100_hu.median ?? "none"} HU`]] : []),
        ["Software", `${application.name} ${application.version}`],
        ["Model", `${bundle.name} ${bundle.version}`],
        ["Weights", bundle.weights_sha256.slice(0, 12)],
        ["Device", device.name || device.kind],
        ["Time", `${Math.round(Object.values(seconds).reduce((sum, value) => sum + value, 0))} s`],
      ]),
    ),
    section("Use", paragraph(record.intended_use)),
  );
}

function section(title, content) {
  const made = document.createElement("section");
  const heading = document.createElement("h2");
  heading.textContent = title;
  made.append(heading, content);
  return made;
}

function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

function list(texts, className = "") {
  const made = document.createElement("ul");
  made.className = className;
  made.append(
    ...texts.map((text) => {
      const item = document.createElement("li");
      item.textContent = text;
      return item;
    }),
  );
  return made;
}

function table(rows) {
  const made = document.createElement("dl");
  for (const [name, value] of rows) {
    const term = document.createElement("dt");
    term.textContent = name;
    const detail = document.createElement("dd");
    detail.textContent = value;
    made.append(term, detail);
  }
  return made;
}
