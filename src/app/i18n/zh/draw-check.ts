import type { Texts } from "../en.ts";

export const drawCheckTexts: Pick<Texts, "drawCheck"> = {
  drawCheck: {
    start: "核对这次分配",
    busy: "正在核对",
    reading: (read: string, total: string) => `正在读取第 ${read} 个区块，共 ${total} 个`,
    private: "本设备读取那段时间的全部区块，自己来算，所以没有节点知道你在核对哪个红包。",
    amount: (figure: string) => `${figure} STG`,
    verdicts: {
      true: "分配和承诺的一致",
      false: "有地方对不上",
      unknown: "有些内容无法核对",
    },
    ticks: {
      total: "总额对得上",
      fixed: "每份事先已定好",
      placed: "由后来的区块决定拿哪一份",
    },
    held: { true: "已核对", false: "对不上", unknown: "无法判断" },
    total: (shares: string, total: string) => `${shares} 份加起来正好是 ${total}，没有一份小于零。`,
    totalHidden: (shares: string) => `用这个链接打不开这 ${shares} 份。`,
    fixed: (made: string) => `写在区块 ${made} 里，还没有人来拆。`,
    fixedBefore: (made: string, first: string) =>
      `写在区块 ${made} 里。第一个人在区块 ${first} 来拆，此前此后都没有改动。`,
    placed: (place: string, amount: string, block: string) =>
      `你的是第 ${place} 份，${amount}。它由区块 ${block} 的随机数选出，那时你已经点过拆开。`,
    placedAll: (count: string) => `已拆 ${count} 份。每一份都由后来区块的随机数选出，那时拆的人已经点过拆开。`,
    wrong: "区块里写的不是这样。下面的原始数据列出哪里对不上。",
    how: {
      title: "这是怎么做到的",
      words: [
        "发红包的人先把钱分好。每一份都上了锁写进链里：人人看得到它在，没有人看得到里面有多少，也再改不了。",
        "你点拆开时，设备只是申请一份，并不指定哪一份。两个区块之后，网络产生一个随机数，你申请时谁也不可能知道它，发红包的人不知道，运行网络的人也不知道。剩下的哪一份归你，就由它决定。",
        "所以先拆后拆都一样，也没有人能把大份留给朋友。你的链接能打开那些锁，设备因此可以把每份加起来，看是不是发红包的人承诺的样子。",
        "核对时不需要相信任何人：设备读的是区块本身，每个区块都有运行网络的人签名。别的红包里有多少、是谁拆的，它看不到。",
      ],
    },
    raw: "原始数据",
    problems: {
      unknown_packet: "这个钱包不知道这个红包。请在拆它或发它的设备上核对。",
      not_drawn: "你的那份还没有到。等币到账后再来核对。",
      not_ready: "本设备对链还不够了解。请稍后再试。",
      offline: "没有节点可问。你的币不受影响，联网后再试。",
      checkpoint_too_old: "本设备太久没有看过链，无法判断答案对不对。请在设置里输入检查点，向你信任的人要。",
      fork: "本设备发现两条互相矛盾的链，已停下，不再询问任何节点。",
      gone: "已不再保存。节点保存完整区块约一天，你的币仍然是你的。",
      too_long: "这个红包开放得太久，要读的区块太多，本设备读不了。",
      too_large: "那段时间的区块数据太大，这里读不了。",
      unproven: "那段时间的区块没有本设备认识的人签名。请以后再试。",
      failed: "没能核对完，这不说明红包有问题。请再试一次。",
    },
  },
};
