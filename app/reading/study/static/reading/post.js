// POST of JSON to our own server, with the token that proves the page is ours.

const token = document.querySelector('meta[name="csrf-token"]').content;

const TIMEOUT_MS = 60000; // a connection that hangs counts as lost

export async function post(url, content) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(content),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}
