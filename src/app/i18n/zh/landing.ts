import type { Widen } from "../en.ts";
import type { landingTexts as english } from "../en/landing.ts";

export const landingTexts: Widen<typeof english> = {
  name: "Stegos",
  card: "打开链接就能用的私密收付款和聊天",
  app: {
    title: "Stegos",
    words: [
      "打开链接就能用的私密收付款和聊天。",
      "密钥在这台设备上生成，也只留在这里，所以应用在本机运行，需要 JavaScript。请为本网站开启后再打开一次。",
    ],
  },
  request: {
    title: "收款请求",
    words: [
      "这个链接请人付款。内容写在网址的 # 之后，浏览器不会把它发给任何人。",
      "所以只有这个网页能在你的设备上显示它，这需要 JavaScript。请允许本站使用，或换一个浏览器打开。你确认之前不会付出任何币。",
    ],
  },
  check: {
    title: "核验付款凭证",
    words: [
      "这个链接里有一份付款凭证。它写在网址 # 的后面，浏览器不会发给任何人。",
      "所以只能由这个网页在你的设备上核验，需要 JavaScript。请为本网站开启，或者换一个浏览器打开。不需要钱包。",
    ],
  },
  look: {
    title: "探索",
    words: [
      "这个链接指向网络上的一个区块或一笔公开的付款。是哪一个，写在网址 # 的后面，浏览器不会发给任何人。",
      "所以只有这个网页能把它显示出来，内容由你的设备自己核对，这需要 JavaScript。请为本网站开启，或者换一个浏览器打开。不需要钱包。",
    ],
  },
};
