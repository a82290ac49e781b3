import type { Texts } from "../en.ts";

export const aboutTexts: Pick<Texts, "about"> = {
  about: {
    title: "关于本应用",
    open: "关于本应用",
    openHint: "版本、新内容、指纹",
    version: "版本",
    fingerprint: "指纹",
    copy: "复制指纹",
    hint: "用同一版本的源代码构建，谁都会得到同样的指纹。可以和你信任的人公布的指纹对一对。",
    right: (count) => `这台设备上保存的 ${count} 个文件都与指纹相符。`,
    wrong: (count) => `这台设备上保存的文件中，有 ${count} 个与指纹不符。弄清原因之前，不要在这里付款。`,
    none: "暂时没有指纹：现在没有网络，或者这个网站没有公布指纹。",
    changes: "本版内容",
    changeList: {
      labels: "每一笔收付款都可以加上自己的标签。",
      comforts: "设置里可以放大文字、减少动态效果、打开拆红包的声音。",
      board: "自己发的拼手气红包，能看到每一份的大小和拆没拆。",
      hurry: "网速慢时，拆红包更快了。",
      packets: "红包：有链接，点一下就能领到币，不用注册。",
      requests: "用链接或二维码收款，收据谁都能核对。",
      base: "付款保密，密钥不离开你的设备。",
    },
    updates: "新版本",
    check: "检查新版本",
    checking: "正在检查",
    findings: {
      ready: "新版本已就绪。",
      newest: "已经是最新版本。",
      failed: "新版本没能完整下载，现在的版本照常使用。",
    },
  },
};
