// Enter goes on.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter") location.assign(document.getElementById("next").href);
});
