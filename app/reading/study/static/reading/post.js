// POST of JSON to our own server, with the token that proves the page is ours.

const token = document.querySelector('meta[name="csrf-token"]').content;

export async function post(url, content) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(content),
  });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}
