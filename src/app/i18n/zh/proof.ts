import type { Texts } from "../en.ts";

export const proofTexts: Pick<Texts, "proof" | "check"> = {
  proof: {
    open: "付款凭证",
    title: "付款凭证",
    lead: "谁拿到这个链接，都能核验你付过这笔钱，不需要钱包。",
    amount: "金额",
    to: "收款方",
    qr: "付款凭证二维码",
    shows: "拿到凭证的人能看到收款方、金额、时间和附言，也能转给别人。发出去就收不回来了。",
    copyLink: "复制链接",
    copyText: "只复制凭证",
    problems: {
      unknown_payment: "这台设备上没有凭证：这笔钱不是在这里付的，或者是在恢复钱包之前付的。",
      not_final: "还没有凭证。到账之后就能开。",
      proof_lost: "没有凭证。这笔转账时的应用版本还没有保留开凭证要用的内容。",
      failed: "凭证没能开出来。你的币是安全的，请关掉后再试一次。",
    },
  },
  check: {
    title: "核验付款凭证",
    lead: "自己看看对方有没有收到钱，不需要钱包。",
    proof: "凭证",
    hint: "凭证的链接或文字",
    missing: "请先粘贴凭证。",
    check: "核验",
    checking: "核验中",
    private: "核验在这台设备上完成，没有人知道你看的是哪一笔。",
    amount: "金额",
    to: "收款方",
    time: "时间",
    block: "区块",
    valid: {
      title: "这笔钱确实付了",
      text: "币已在链上到账，金额和地址都对得上。",
      note: "请和你知道的地址对照一下。凭证里没有付款人是谁。",
    },
    unchecked: {
      title: "还不能确定",
      reasons: {
        offline: "凭证本身没有问题，但现在联系不上网络，不知道这笔钱有没有到账。",
        too_old: "凭证本身没有问题，但这些币早就转走了，已经没有节点能查到。",
        checkpoint_too_old:
          "凭证本身没有问题，但这台设备太久没有核对过链，分不清哪个回答是真的。请在设置里输入一个可信的人给你的检查点。",
        fork: "凭证本身没有问题，但网络分成了两条链，应用已经停下，没有人能说哪一条算数。",
      },
    },
    invalidTitle: "这个凭证不成立",
    failedTitle: "没有核验",
    problems: {
      not_a_proof: "这不是付款凭证，或者缺了一部分。请向对方要完整的链接。",
      wrong_network: "这个凭证属于另一个网络。",
      does_not_pay: "凭证是伪造的：没有币向这个地址付过这个金额。",
      not_on_chain: "链上没有这些币，这笔钱从来没有到账。",
      failed: "核验没有完成，这不说明凭证有问题。请再试一次。",
    },
  },
};
