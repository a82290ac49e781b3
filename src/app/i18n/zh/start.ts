import type { Texts } from "../en.ts";

export const startTexts: Pick<Texts, "app" | "tabs" | "start" | "update" | "notFound"> = {
  app: {
    name: "Stegos",
    unit: "STG",
    amount: (figure) => `${figure} STG`,
    back: "返回",
    close: "关闭",
    copy: "复制",
    copied: "已复制",
    copyFailed: "无法复制，请手动选中文字。",
    tryAgain: "再试一次",
    skipToContent: "跳到正文",
    sections: "栏目",
    opening: "正在打开钱包",
    partMissing: "应用的这一部分没能加载。你的币是安全的，请检查网络后再试。",
  },
  tabs: { pay: "收付款", packets: "红包", explore: "探索", me: "我" },
  start: {
    title: "你的钱，与旁人无关",
    points: {
      private: { title: "私密", text: "金额和附言只有你和对方看得到。" },
      fast: { title: "几秒到账", text: "一笔转账通常 3 秒左右到账，谁也撤不回。" },
      yours: { title: "归你所有", text: "密钥在这台设备上生成，也只留在这里。不要姓名、手机号，也不用注册。" },
    },
    start: "开始",
    starting: "正在开始",
    restore: "恢复钱包",
    hint: "点一下就有钱包，什么都不用填。",
  },
  update: { ready: "新版本已就绪。", apply: "更新", applying: "更新中" },
  notFound: { title: "这里什么都没有", text: "这个地址没有内容。你的币是安全的。", action: "去收付款" },
};
