/** The body of an answer as UTF-8; undefined when it is longer than this. Throws when it breaks off or is none. */
export async function readText(answer: Response, bytesMax: number): Promise<string | undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  if (answer.body === null) return "";
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > bytesMax) return undefined;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
