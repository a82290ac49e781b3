import { describe, expect, it } from "vitest";
import { Replies } from "../../../src/node/replies.ts";

describe("questions to the machine", () => {
  it("are answered by number", async () => {
    const replies = new Replies();
    const asked: number[] = [];
    const both = Promise.all([1, 2].map(() => replies.expect<string>((reply) => asked.push(reply))));
    replies.settle(asked[1]!, "second");
    replies.settle(asked[0]!, "first");
    replies.settle(99, "nobody");
    expect(await both).toEqual(["first", "second"]);
  });

  it("leave nobody waiting when the machine has ended, before or after they are asked", async () => {
    const replies = new Replies();
    const early = replies.expect(() => undefined);
    replies.end();
    await expect(early).rejects.toMatchObject({ code: "node_stopped" });
    let isAsked = false;
    const late = replies.expect(() => {
      isAsked = true;
    });
    await expect(late).rejects.toMatchObject({ code: "node_stopped" });
    expect(isAsked).toBe(false);
  });
});
