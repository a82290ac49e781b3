import type { Texts } from "../en.ts";

export const exploreTexts: Pick<Texts, "explore" | "countdown"> = {
  explore: {
    title: "探索",
    lead: "这里是本页面背后的节点所说的链上情况。属于你的部分，应用会自己核对。",
    failed: "本页面背后的节点暂时没有回应，我们会自动再试。",
    failedKept: "本页面背后的节点暂时没有回应。以下是它上次所说的内容。",
    chain: {
      title: "链",
      height: "最新区块",
      age: "产生于",
      agoSeconds: (count: string) => `${count} 秒前`,
      minted: "已产生的币",
      burned: "作为手续费收回",
      supply: "总数对得上吗？",
      addsUp: "对得上：所有输出加起来等于已产生的币。",
      doesNotAddUp: "对不上。请告诉运营这个网络的人。",
    },
    award: {
      title: "每周奖励",
      lead: "每个区块所得的五分之一进入奖池，在坚持在线的验证者中开奖。",
      pot: "奖池",
      draw: "开奖",
      noDraw: "还没有定下开奖时间",
      eligible: "目前有资格",
      eligibleCount: (count: string) => `${count} 个验证者`,
      past: "往期开奖",
      none: "这里没有往期开奖的记录。",
      won: (week: string) => `第 ${week} 周`,
      block: (height: string) => `由区块 ${height} 开出`,
    },
    validators: {
      title: "验证者",
      seat: (number: string) => `${number} 号席位`,
      stake: (amount: string) => `质押 ${amount} STG`,
      online: (percent: string) => `签署了 ${percent} 的区块`,
      missed: (count: string) => `错过 ${count} 次出块`,
      jailed: "已停用",
    },
  },
  countdown: {
    inTime: (days: string, hours: string) => `${days} 天 ${hours} 小时后`,
    inHours: (hours: string, minutes: string) => `${hours} 小时 ${minutes} 分钟后`,
    inMinutes: (minutes: string) => `${minutes} 分钟后`,
    soon: "马上",
  },
};
